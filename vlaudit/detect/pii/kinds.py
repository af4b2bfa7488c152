"""The kinds of personal data that are looked for, in order of preference."""

from collections.abc import Sequence
from dataclasses import replace

from vlaudit.detect.pii.european import CALLED, EUROPEAN
from vlaudit.detect.pii.kind import ARTICLE_NUMBERS, Kind, Tier

PLATE = ("license plate", "licence plate", "number plate", "plate number", "vehicle registration",
         "registration plate", "registration number", "reg no", "vrn")  # fmt: skip
TAXPAYER = ("tax number", "tax id", "tax identification", "taxpayer", "income tax", "tin")
PASSPORT = ("passport", "travel document")
MEDICARE = ("medicare",)
WHOLE_CARD = (
    r"(?:4\d{3}|5[1-5]\d\d|2[2-7]\d\d|6(?:011|4[4-9]\d|5\d\d)|35\d\d)(?P<s>[ -]?)(?:\d{4}(?P=s)){2}"
    r"\d{4}|3[47]\d{2}(?P<t>[ -]?)\d{6}(?P=t)\d{5}|3(?:0[0-5]|[689]\d)\d[ -]\d{6}[ -]\d{4}"
)
WHOLE_PHONE = (
    r"\+\s?\d[\d\s().\-/x]{6,}|\(\d{2,5}\)\s?\d[\d\s.-]{4,}(?:\s?(?:x|ext\.?)\s?\d+)?"
    r"|(?:1[-. ])?\d{3}(?P<s>[-.])\d{3}(?P=s)\d{4}(?:\s?(?:x|ext\.?)\s?\d+)?"
    r"|0\d{2,4} \d{3,4} \d{3,4}|0\d(?P<t>[ .])\d\d(?:(?P=t)\d\d){3}"
)
DIALLED = r"(?:\D*\d){7,}.*"
WHOLE_IP = (
    r"(?!127\.|0\.|255\.|\d\.\d\.\d\.\d(?:\D|$)|\d\.\d\.\d\.\d\d?$)\d{1,3}(?:\.\d{1,3}){3}(?:/\d+)?"
    r"|[23fF][0-9A-Fa-f]{3}:[0-9A-Fa-f:.%/]+|(?=.*[0-9A-Fa-f]{3})(?:[0-9A-Fa-f]{1,4}:){7}[0-9A-Fa-f]+"
)

HIGH, CONTACT, INDIRECT = Tier.HIGH_RISK, Tier.CONTACT, Tier.INDIRECT
GENERAL: Sequence[Kind] = (
    Kind("EmailRecognizer", CONTACT, "EMAIL_ADDRESS", ".+", validated=True),
    Kind("IbanRecognizer", HIGH, "IBAN_CODE", ".+", validated=True),
    Kind("CryptoRecognizer", HIGH, "CRYPTO", ".+", validated=True),
    Kind("CreditCardRecognizer", HIGH, "CREDIT_CARD", WHOLE_CARD, (
        "credit card", "debit card", "card number", "card no", "visa", "mastercard", "amex",
        "diners", "american express", "jcb", "maestro", "payment card"), ARTICLE_NUMBERS,
        validated=True),
    Kind("UsSsnRecognizer", HIGH, "US_SSN", r"(?!9)\d{3}-\d\d-\d{4}", (
        "ssn", "social security", "social sec"), ARTICLE_NUMBERS, validated=True),
    Kind("UsItinRecognizer", HIGH, "US_ITIN", r"9\d\d-\d\d-\d{4}", (
        "itin", *TAXPAYER), ARTICLE_NUMBERS, validated=True),
    Kind("UkDrivingLicenceRecognizer", HIGH, "UK_DRIVING_LICENCE", r"[A-Z]{3}.+", (
        "driving licence", "driving license", "dvla"), validated=True),
    Kind("UkNinoRecognizer", HIGH, "UK_NINO", r"[A-Z]{2} \d\d \d\d \d\d [A-D]", (
        "national insurance", "nino", "ni number"), validated=True),
    Kind("UkPassportRecognizer", HIGH, "UK_PASSPORT", None, PASSPORT),
    Kind("UsPassportRecognizer", HIGH, "US_PASSPORT", None, PASSPORT),
    Kind("InPassportRecognizer", HIGH, "IN_PASSPORT", None, PASSPORT),
    Kind("PhPassportRecognizer", HIGH, "PH_PASSPORT", None, PASSPORT),
    Kind("ZaPassportRecognizer", HIGH, "ZA_PASSPORT", None, PASSPORT),
    Kind("UsLicenseRecognizer", HIGH, "US_DRIVER_LICENSE", None, (
        "driver license", "driver's license", "drivers license", "driving license",
        "driver licence", "driver's licence", "dl number", "license number", "driver id",
        "licence number")),
    Kind("ZaDriverLicenseRecognizer", HIGH, "ZA_DRIVER_LICENSE", None, (
        "driver's licence", "drivers licence", "driving licence", "driver's license")),
    Kind("MedicalLicenseRecognizer", HIGH, "MEDICAL_LICENSE", None, (
        "dea", "medical license", "medical licence", "medical certificate", "prescriber"),
        validated=True),
    Kind("NhsRecognizer", HIGH, "UK_NHS", None, ("nhs", "national health"), validated=True),
    Kind("UsMbiRecognizer", HIGH, "US_MBI", None, ("mbi", "medicare", "beneficiary", "medicaid")),
    Kind("UsNpiRecognizer", HIGH, "US_NPI", None, ("npi", "national provider"), validated=True),
    Kind("AuMedicareRecognizer", HIGH, "AU_MEDICARE", None, MEDICARE, validated=True),
    Kind("AuTfnRecognizer", HIGH, "AU_TFN", None, ("tfn", "tax file number"), validated=True),
    Kind("CaSinRecognizer", HIGH, "CA_SIN", None, (
        "sin number", "social insurance", "numéro d'assurance sociale"), validated=True),
    Kind("InAadhaarRecognizer", HIGH, "IN_AADHAAR", None, ("aadhaar", "uidai"), validated=True),
    Kind("InPanRecognizer", HIGH, "IN_PAN", None, ("pan card", "pan number", "pan no",
        "permanent account number", "pan:")),
    Kind("InVoterRecognizer", HIGH, "IN_VOTER", None, ("voter id", "voter card", "epic number")),
    Kind("SgFinRecognizer", HIGH, "SG_NRIC_FIN", None, ("nric", "fin number", "fin no")),
    Kind("NgNinRecognizer", HIGH, "NG_NIN", None, ("nin", "national identification",
        "national identity"), validated=True),
    Kind("ZaIdNumberRecognizer", HIGH, "ZA_ID_NUMBER", None, ("id number", "identity number",
        "national id", "identity document"), validated=True),
    Kind("ZaIncomeTaxNumberRecognizer", HIGH, "ZA_INCOME_TAX_NUMBER", None, TAXPAYER,
        validated=True),
    Kind("ZaTrafficRegisterNumberRecognizer", HIGH, "ZA_TRAFFIC_REGISTER_NUMBER", None, (
        "traffic register",)),
    Kind("PhTinRecognizer", HIGH, "PH_TIN", None, TAXPAYER),
    Kind("PhUmidRecognizer", HIGH, "PH_UMID", None, ("umid", "multi-purpose id", "sss number")),
    Kind("UsHealthInsuranceMemberIdRecognizer", HIGH, "US_HEALTH_INSURANCE_MEMBER_ID", None, (
        "member id", "subscriber id", "insurance id", "health insurance", "insurance policy")),
    Kind("UsPrescriptionNumberRecognizer", HIGH, "US_PRESCRIPTION_NUMBER", None, (
        "prescription number", "prescription no", "rx number", "rx no", "rx #", "pharmacy")),
    Kind("UsPriorAuthorizationNumberRecognizer", HIGH, "US_PRIOR_AUTHORIZATION_NUMBER", None, (
        "prior authorization", "prior auth", "preauthorization", "pre-auth")),
    Kind("UsClaimNumberRecognizer", HIGH, "US_CLAIM_NUMBER", None, (
        "claim number", "claim no", "claim id", "claim #", "medical claim", "healthcare claim")),
    Kind("UsReferralNumberRecognizer", HIGH, "US_REFERRAL_NUMBER", None, (
        "referral number", "referral no", "referral id", "referral #")),
    Kind("PhoneRecognizer", CONTACT, "PHONE_NUMBER", WHOLE_PHONE, (
        "phone", "tel", "telephone", "cell", "cellphone", "mobile", "call", "fax", "whatsapp",
        "hotline", "sms", "reach me", "contact", "dial"), ARTICLE_NUMBERS, DIALLED, validated=True),
    Kind("LenientPhoneRecognizer", CONTACT, "PHONE_NUMBER", r"\+\s?\d[\d\s().\-/x]{8,}", (
        "tel", "telephone", "call", "fax", "whatsapp", "dial", "phone number", "phone no",
        "phone:"), ARTICLE_NUMBERS, DIALLED),
    Kind("ZaMobileNumberRecognizer", CONTACT, "PHONE_NUMBER", None, (
        "phone", "tel", "telephone", "cell", "cellphone", "mobile", "call", "whatsapp"),
        ARTICLE_NUMBERS, validated=True),
    Kind("ZaTelephoneNumberRecognizer", CONTACT, "PHONE_NUMBER", None, (
        "phone", "tel", "telephone", "call", "fax"), ARTICLE_NUMBERS, validated=True),
    Kind("AbaRoutingRecognizer", HIGH, "ABA_ROUTING_NUMBER", None, (
        "aba", "routing number", "routing no", "bank routing"), validated=True),
    Kind("UsBankRecognizer", HIGH, "US_BANK_NUMBER", None, (
        "bank account", "account number", "account no", "acct", "account #", "savings account",
        "checking account")),
    Kind("IpRecognizer", CONTACT, "IP_ADDRESS", WHOLE_IP, ("ip", "ip address", "ipv4", "ipv6"), (
        *ARTICLE_NUMBERS, "v", "release", "section", "build"), validated=True),
    Kind("MacAddressRecognizer", INDIRECT, "MAC_ADDRESS", ".+", validated=True),
    Kind("UuidRecognizer", INDIRECT, "UUID", ".+", validated=True),
    Kind("DateRecognizer", INDIRECT, "DATE_OF_BIRTH", None, (
        "born", "born on", "birth", "date of birth", "dob", "d.o.b", "birthdate")),
    Kind("UkVehicleRegistrationRecognizer", INDIRECT, "UK_VEHICLE_REGISTRATION", None, PLATE),
    Kind("InVehicleRegistrationRecognizer", INDIRECT, "IN_VEHICLE_REGISTRATION", None, PLATE),
    Kind("NgVehicleRegistrationRecognizer", INDIRECT, "NG_VEHICLE_REGISTRATION", None, PLATE),
    Kind("ZaLicensePlateRecognizer", INDIRECT, "ZA_LICENSE_PLATE", None, PLATE),
    Kind("UkPostcodeRecognizer", INDIRECT, "UK_POSTCODE", None, (
        "postcode", "post code", "postal code", "address", "lives at")),
    Kind("CaPostalCodeRecognizer", INDIRECT, "CA_POSTAL_CODE", None, (
        "postal code", "postcode", "address", "lives at", "canada")),
    Kind("InGstinRecognizer", INDIRECT, "IN_GSTIN", None, ("gst", "gstin"), validated=True),
    Kind("AuAbnRecognizer", INDIRECT, "AU_ABN", None, ("abn",), validated=True),
    Kind("AuAcnRecognizer", INDIRECT, "AU_ACN", None, ("acn",), validated=True),
    Kind("SgUenRecognizer", INDIRECT, "SG_UEN", None, ("uen",), validated=True),
    Kind("UsProviderTaxIdRecognizer", INDIRECT, "US_PROVIDER_TAX_ID", None, ("ein", *TAXPAYER)),
    Kind("ZaVatNumberRecognizer", INDIRECT, "ZA_VAT_NUMBER", None, ("vat",), validated=True),
    Kind("ZaCompanyRegistrationRecognizer", INDIRECT, "ZA_COMPANY_REGISTRATION", None, (
        "cipc", "company registration", "registration number")),
    Kind("UrlRecognizer", INDIRECT, "URL", r"(?:https?://|www\.).+|[^\s/]+\.[a-z]{2,}/\S*", (
        "url", "website", "web", "homepage", "link", "visit")),
)  # fmt: skip
# Where two matches overlap, the kind that stands first is reported.
KINDS: Sequence[Kind] = (
    *EUROPEAN,
    *(replace(kind, context=(*kind.context, *CALLED.get(kind.recogniser, ()))) for kind in GENERAL),
)
