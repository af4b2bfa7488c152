"""Personal data of Germany, Spain, France, Italy, the Netherlands, Poland and Portugal.

All of these kinds need a word nearby that names them; the general kinds learn what they are called
in these languages.
"""

from collections.abc import Mapping, Sequence

from vlaudit.detect.pii.kind import ARTICLE_NUMBERS, Kind, Tier

HIGH, CONTACT, INDIRECT = Tier.HIGH_RISK, Tier.CONTACT, Tier.INDIRECT
TELEPHONE = (
    "telefon", "telefonnummer", "handy", "handynummer", "mobil", "mobilnummer", "rufnummer",
    "anruf", "anrufen", "téléphone", "tél", "portable", "appeler", "appelez", "teléfono",
    "móvil", "llamar", "llame", "telefono", "cellulare", "chiamare", "chiama", "telefone",
    "telemóvel", "celular", "ligar", "ligue", "telefoon", "telefoonnummer", "mobiel", "bellen",
    "bel", "numer telefonu", "telefonu", "komórka", "zadzwoń", "tel", "fax", "whatsapp",
)  # fmt: skip

EUROPEAN: Sequence[Kind] = (
    Kind("DeTaxIdRecognizer", HIGH, "DE_TAX_ID", None, (
        "steuer-id", "steuerid", "steueridentifikationsnummer", "idnr", "steuer-idnr",
        "steuer-identifikationsnummer", "identifikationsnummer"), validated=True),
    Kind("DeHealthInsuranceRecognizer", HIGH, "DE_HEALTH_INSURANCE", None, (
        "krankenversicherungsnummer", "krankenversichertennummer", "versichertennummer", "kvnr",
        "krankenkasse", "krankenversicherung", "gesundheitskarte"), validated=True),
    Kind("DeSocialSecurityRecognizer", HIGH, "DE_SOCIAL_SECURITY", None, (
        "rentenversicherungsnummer", "sozialversicherungsnummer", "versicherungsnummer", "svnr",
        "rvnr", "sv-nummer", "sozialversicherung", "rentenversicherung"), validated=True),
    Kind("DeIdCardRecognizer", HIGH, "DE_ID_CARD", None, (
        "personalausweis", "personalausweisnummer", "ausweisnummer", "ausweis")),
    Kind("DePassportRecognizer", HIGH, "DE_PASSPORT", None, (
        "reisepass", "reisepassnummer", "passnummer")),
    Kind("DeFuehrerscheinRecognizer", HIGH, "DE_FUEHRERSCHEIN", None, (
        "führerschein", "führerscheinnummer", "fahrerlaubnis")),
    Kind("DeTaxNumberRecognizer", HIGH, "DE_TAX_NUMBER", None, (
        "steuernummer", "steuer-nr", "steuer nr", "st.-nr", "finanzamt")),
    Kind("EsNifRecognizer", HIGH, "ES_NIF", None, (
        "nif", "dni", "documento nacional", "identidad", "identificación"), validated=True),
    Kind("EsNieRecognizer", HIGH, "ES_NIE", None, ("nie", "extranjero"), validated=True),
    Kind("EsPassportRecognizer", HIGH, "ES_PASSPORT", None, ("pasaporte",)),
    Kind("FrNirRecognizer", HIGH, "FR_NIR", None, (
        "sécurité sociale", "securite sociale", "sécu", "nir", "insee", "carte vitale"),
        validated=True),
    Kind("ItFiscalCodeRecognizer", HIGH, "IT_FISCAL_CODE", None, (
        "codice fiscale", "cod. fisc", "cf"), validated=True),
    Kind("ItIdentityCardRecognizer", HIGH, "IT_IDENTITY_CARD", None, (
        "carta d'identità", "carta di identità", "documento d'identità")),
    Kind("ItPassportRecognizer", HIGH, "IT_PASSPORT", None, ("passaporto",)),
    Kind("ItDriverLicenseRecognizer", HIGH, "IT_DRIVER_LICENSE", None, (
        "patente", "patente di guida")),
    Kind("NlBsnRecognizer", HIGH, "NL_BSN", None, (
        "bsn", "burgerservicenummer", "sofinummer"), validated=True),
    Kind("PlPeselRecognizer", HIGH, "PL_PESEL", None, ("pesel",), validated=True),
    Kind("PtNifRecognizer", HIGH, "PT_NIF", None, (
        "nif", "contribuinte", "número fiscal"), validated=True),
    Kind("EuropeanPhoneRecognizer", CONTACT, "PHONE_NUMBER", None, TELEPHONE, ARTICLE_NUMBERS,
        r"(?:\D*\d){7,}.*", validated=True),
    Kind("DeKfzRecognizer", INDIRECT, "DE_KFZ", None, (
        "kennzeichen", "nummernschild", "kfz-kennzeichen", "autokennzeichen")),
    Kind("DeVatIdRecognizer", INDIRECT, "DE_VAT_ID", None, (
        "ust-id", "ust-idnr", "umsatzsteuer-id", "umsatzsteuer-identifikationsnummer"),
        validated=True),
    Kind("DeHandelsregisterRecognizer", INDIRECT, "DE_HANDELSREGISTER", None, (
        "handelsregister", "amtsgericht", "registergericht")),
    Kind("ItVatCodeRecognizer", INDIRECT, "IT_VAT_CODE", None, ("partita iva", "p.iva", "piva"),
        validated=True),
)  # fmt: skip

# What the general kinds are called in the other languages, by recogniser.
CALLED: Mapping[str, Sequence[str]] = {
    "PhoneRecognizer": TELEPHONE,
    "LenientPhoneRecognizer": TELEPHONE,
    "CreditCardRecognizer": (
        "kreditkarte", "kreditkartennummer", "kartennummer", "carte de crédit", "carte bancaire",
        "numéro de carte", "tarjeta", "tarjeta de crédito", "carta di credito", "numero di carta",
        "cartão", "cartão de crédito", "creditcard", "kaartnummer", "karta kredytowa",
        "numer karty"),
    "UsBankRecognizer": (
        "kontonummer", "konto", "numéro de compte", "número de cuenta", "numero di conto",
        "conto corrente", "número da conta", "rekeningnummer", "numer konta", "numer rachunku"),
    "DateRecognizer": (
        "geboren", "geboren am", "geburtsdatum", "né le", "née le", "date de naissance", "nacido",
        "nacida", "nacimiento", "nato il", "nata il", "nascita", "nascido", "nascida", "nascimento",
        "geboortedatum", "urodzony", "urodzona", "data urodzenia"),
    "IpRecognizer": ("ip-adresse", "adresse ip", "dirección ip", "indirizzo ip", "ip-adres",
        "endereço ip", "adres ip"),
}  # fmt: skip
