"""The vocabulary that training sentences are made of, names of people apart."""

import re
import unicodedata
from collections.abc import Sequence

COLOURS = """red blue green black white brown grey gray pink purple orange yellow beige navy teal
golden silver ivory turquoise olive maroon burgundy cream khaki coral violet amber rose crimson
charcoal lavender indigo tan mint peach rust hazel ginger ruby scarlet emerald jade"""

ADJECTIVES = """small large old young vintage modern wooden wild cute happy sad tall short long
fresh hot cold bright dark soft warm elegant casual striped floral slim oversized cropped classic
antique rustic abstract colourful crowded empty quiet busy sunny foggy snowy rainy dusty muddy
shiny glossy matte handmade organic cotton leather denim woollen silk linen velvet ceramic metal
plastic glass paper electric digital portable foldable waterproof heavy light plain fancy ornate
ancient medieval royal urban rural tropical frozen grilled roasted steamed crispy creamy spicy
sweet bitter sour ripe raw closed open broken repaired parked smiling sleeping running jumping
sitting standing flying swimming dancing blurry distant close wide narrow round square curved
tiny huge giant beautiful gorgeous stunning rare common local foreign national international
early late final first second last next annual daily weekly original limited special premium
senior junior stern noble sharp hardy savage wise bold strong frank earnest grand swift"""

THINGS = """shirt dress jacket skirt jeans trousers boots sneakers sandals hat cap scarf gloves
sweater hoodie cardigan coat blazer blouse shorts socks belt tie handbag backpack wallet watch
necklace ring bracelet earrings sunglasses umbrella swimsuit leggings t-shirt suit vest polo
table chair sofa bed lamp desk shelf cupboard mirror rug curtain pillow blanket vase clock candle
bottle cup mug plate bowl spoon fork knife pan pot kettle toaster oven fridge blender microwave
phone laptop tablet camera keyboard mouse monitor printer headphones speaker television radio
car truck bus train bicycle motorcycle boat ship plane helicopter tractor van taxi tram scooter
house building bridge tower church mosque temple castle barn hotel shop market station airport
street road path park garden beach lake river mountain forest desert island field hill valley
dog cat horse cow sheep goat pig chicken duck goose rabbit fox bear wolf lion tiger elephant
giraffe zebra monkey bird parrot owl eagle penguin fish shark whale dolphin turtle frog snake
bee butterfly spider ant tree flower rose tulip lily daisy orchid sunflower cactus leaf grass
apple banana cherry grape lemon peach pear plum strawberry melon mango coconut tomato potato
carrot onion garlic pepper mushroom cucumber salad soup bread cake pie pizza burger sandwich
pasta rice noodles cheese butter egg milk coffee tea juice wine beer water chocolate cookie
book newspaper magazine poster painting drawing map letter envelope pen pencil brush scissors
guitar piano violin drum trumpet flute microphone ball racket bat skateboard surfboard kite
tent rope ladder hammer saw drill wrench bucket broom basket box bag suitcase wheel engine
flag sign statue fountain bench fence gate door window roof wall floor stairs chimney lantern
sunset sunrise moon star sky cloud rain snow storm rainbow fire smoke shadow reflection skyline
logo icon banner wallpaper pattern texture background illustration sketch silhouette portrait
jar mason-jar crown bishop knight rook pawn hunter baker potter archer fisher carter turner
miller weaver bush brook banks ford wells woods field lane page price rice bean berry hope joy
faith grace may june april summer dawn eve will mark bill pat rob drew jack frank chase pierce"""

ROLES = """man woman boy girl child baby toddler teenager adult couple family crowd group person
people firefighter police-officer doctor nurse surgeon dentist teacher student professor scientist
astronaut pilot flight-attendant farmer gardener cook chef baker waiter waitress barista bartender
mechanic plumber electrician carpenter builder construction-worker factory-worker office-worker
engineer programmer technologist designer artist painter sculptor photographer singer musician
guitarist drummer dancer ballerina actor actress model writer journalist lawyer judge soldier
sailor captain guard detective spy ninja knight king queen prince princess president mayor
politician priest monk nun imam rabbi bride groom mother father grandmother grandfather sister
brother uncle aunt son daughter friend neighbour tourist passenger driver cyclist runner swimmer
surfer skier snowboarder climber golfer boxer wrestler footballer goalkeeper referee coach fan
superhero supervillain mage fairy vampire mermaid elf genie zombie santa-claus clown juggler
shopper vendor cashier barber hairdresser tailor jeweller butcher fisherman hunter shepherd"""

DOINGS = """walking running sitting standing sleeping eating drinking cooking baking reading
writing painting drawing singing dancing playing jumping climbing swimming surfing skiing skating
riding driving flying fishing hunting farming gardening shopping talking laughing smiling crying
waving pointing looking waiting working studying teaching building repairing cleaning washing
carrying holding throwing catching kicking hitting pushing pulling celebrating protesting posing"""

PLACES = """London Paris Berlin Madrid Rome Vienna Lisbon Dublin Prague Athens Warsaw Oslo Helsinki
Stockholm Copenhagen Budapest Moscow Istanbul Cairo Nairobi Lagos Accra Johannesburg Cape~Town
Casablanca Dubai Jerusalem Tehran Delhi Mumbai Kolkata Bangkok Hanoi Singapore Jakarta Manila
Beijing Shanghai Hong~Kong Tokyo Kyoto Osaka Seoul Sydney Melbourne Auckland Toronto Vancouver
Montreal New~York Los~Angeles San~Francisco Chicago Boston Seattle Houston Dallas Austin Denver
Phoenix Orlando Charlotte Jackson Madison Lincoln Washington Florence Sydney~Harbour Mexico~City
Lima Bogota Santiago Buenos~Aires Rio~de~Janeiro Sao~Paulo Havana France Germany Spain Italy
England Scotland Wales Ireland Portugal Greece Turkey Egypt Kenya Nigeria Ghana Morocco Jordan
Israel India China Japan Korea Thailand Vietnam Indonesia Australia New~Zealand Canada Mexico
Brazil Peru Chad Georgia Argentina Chile Cuba Norway Sweden Denmark Finland Iceland Poland Hungary
Croatia Serbia Romania Bulgaria Ukraine Russia Europe Asia Africa America Antarctica California
Texas Florida Virginia Carolina Nevada Alaska Hawaii Ohio Utah Cornwall Yorkshire Sussex Kent
Tuscany Provence Bavaria Normandy Catalonia Andalusia Sicily Sardinia Crete Bali Alps Andes Sahara
Himalayas Pacific Atlantic Mediterranean Thames Danube Nile Amazon Mississippi Lake~Victoria
Lake~Michigan Mount~Fuji Mount~Everest Central~Park Hyde~Park Times~Square Trafalgar~Square
St.~Peter's~Basilica Notre~Dame Eiffel~Tower Taj~Mahal Golden~Gate~Bridge Big~Ben Machu~Picchu
Victoria~Falls Niagara~Falls St.~Paul's~Cathedral Charles~Bridge Brooklyn~Bridge Louvre
King's~Cross Covent~Garden St.~James's~Park John~F.~Kennedy~Airport Charles~de~Gaulle~Airport
Alexander~Platz Martin~Luther~King~Boulevard Fisherman's~Wharf Kew~Gardens Santa~Monica
San~Diego San~Antonio Santa~Barbara St.~Louis St.~Petersburg San~Marino Santa~Fe"""

BRANDS = """Nike Adidas Puma Reebok Converse Vans Levi's Lee Wrangler Gucci Prada Chanel Dior
Fendi Versace Armani Giorgio~Armani Calvin~Klein Ralph~Lauren Tommy~Hilfiger Hugo~Boss
Louis~Vuitton Michael~Kors Kate~Spade Marc~Jacobs Jimmy~Choo Paul~Smith Ted~Baker Fred~Perry
Ben~Sherman Tommy~Bahama Stella~McCartney Alexander~McQueen Vivienne~Westwood Dr.~Martens
Jack~Daniel's Johnnie~Walker Jim~Beam Ben~&~Jerry's Estee~Lauder Elizabeth~Arden Mary~Kay
Bobbi~Brown Max~Factor Zara Mango Gap Uniqlo Patagonia Columbia Timberland Birkenstock Crocs
Rolex Casio Seiko Omega Cartier Tiffany Swarovski Pandora Fossil Apple Samsung Sony Nokia Huawei
Dell Lenovo Asus Acer Canon Nikon Fujifilm Leica Kodak GoPro Philips Bosch Siemens Dyson Miele
Braun Makita Stanley Ford Mercedes Mercedes-Benz Porsche Audi Volkswagen Toyota Honda Mazda
Nissan Fiat Ferrari Lamborghini Maserati Tesla Chrysler Dodge Jeep Lincoln Cadillac Bentley
Rolls-Royce Aston~Martin Mini~Cooper Harley-Davidson Ducati Kawasaki Suzuki Triumph Lego Barbie
Disney Marvel Nintendo Coca-Cola Pepsi Heineken Guinness Nestle Cadbury Ferrero Lindt Kellogg's
Heinz Campbell's Uncle~Ben's Dr.~Pepper Dr.~Oetker McDonald's Wendy's Starbucks Ikea Walmart
Target Amazon Google Microsoft Facebook Instagram Twitter Netflix Spotify Airbnb Uber Airbus
Boeing John~Deere Caterpillar Hilton Marriott Ritz-Carlton Victoria's~Secret Bath~&~Body~Works
Trader~Joe's Macy's Harrods Sainsbury's Steve~Madden Eddie~Bauer Jack~Wolfskin Jack~&~Jones
Dorothy~Perkins Christian~Louboutin Tory~Burch Oscar~de~la~Renta Carolina~Herrera
Diane~von~Furstenberg Salvatore~Ferragamo Laura~Ashley Marvel"""

NAMED_THINGS = """Jack~Russell~terrier Saint~Bernard King~Charles~spaniel Great~Dane
German~shepherd Yorkshire~terrier Black~Forest~cake Caesar~salad Granny~Smith~apple
Mary~Jane~shoes Peter~Pan~collar Chelsea~boots Oxford~shoes Wellington~boots Martini~glass
Bloody~Mary Tom~Collins Shirley~Temple~drink Irish~coffee Victoria~sponge Eggs~Benedict
Beef~Wellington Peking~duck Christmas~tree Easter~eggs Halloween~pumpkin Valentine's~Day~card
Mother's~Day~gift St.~Patrick's~Day~parade Santa~Claus~costume Father~Christmas Mona~Lisa
Jesus~statue Buddha~statue Virgin~Mary~icon Ferris~wheel Morse~code Celsius~thermometer
Bunsen~burner Petri~dish Philips~screwdriver Allen~key Stanley~knife Swiss~Army~knife
Bermuda~shorts Hawaiian~shirt Panama~hat Persian~rug Chesterfield~sofa Adirondack~chair
Eames~chair Tiffany~lamp Steinway~piano Fender~guitar Gibson~guitar Les~Paul~guitar
Jordan~sneakers Monet~print Van~Gogh~poster Picasso~painting Warhol~print Art~Deco~building
Gothic~church Victorian~house Georgian~mansion Tudor~cottage Edwardian~chair Daisy~chain Lily~pad
Rose~garden Iris~flower Jasmine~tea Ginger~biscuits Rosemary~bread Basil~leaves Ruby~ring
Amber~necklace Pearl~earrings Teddy~bear Barbie~doll Monopoly~board Frisbee Jacuzzi Zimmer~frame
Bobby~pins Jerry~can Billy~goat Tommy~gun Johnny~cap Jolly~Roger~flag Union~Jack
Stars~and~Stripes Boxing~Day Black~Friday~sale Harry~Potter~book Star~Wars~poster
Winnie~the~Pooh~mug Mickey~Mouse~ears Hello~Kitty~bag Spider-Man~costume Batman~mask
Sherlock~Holmes~hat Robin~Hood~hat Alice~in~Wonderland~tea~set"""

NATIONALITIES = """English French German Spanish Italian Dutch Portuguese Greek Turkish Polish Czech
Hungarian Russian Chinese Japanese Korean Indian Thai Vietnamese Mexican Brazilian American British
African Asian European Scottish Irish Welsh Moroccan Egyptian Persian Arabic Swiss Swedish Danish"""

TIMES = """Monday Tuesday Wednesday Thursday Friday Saturday Sunday January February March April
May June July August September October November December Christmas Easter Halloween Thanksgiving
Ramadan Diwali Hanukkah spring summer autumn winter morning noon evening midnight yesterday today
tomorrow"""

EVENTS = """wedding birthday~party graduation concert festival match final marathon exhibition
conference ceremony parade protest rally auction market~day open~day award~show fashion~show picnic
World~Cup Olympic~Games Super~Bowl Grand~Prix Wimbledon Champions~League Oktoberfest carnival"""

HONORIFICS = "Mr Mr. Mrs Mrs. Ms Ms. Miss Dr Dr. Prof. Professor Sir Dame Rev. Captain Coach Judge"

FUNCTION_WORDS = """the a an this that these those my your his her our their its some any every each
no and or but so because while when where which who what how why if then than as at by for from in
into of on onto over under with without about after before between through during against is are
was were be been has have had do does did can could will would shall should may might must not
very too also just only still even again always never often sometimes here there now soon maybe
please thanks sorry hello yes okay well great good nice bad new more most less least many few"""


EVERYDAY = """said told asked answered shouted whispered gave given took taken went gone came
come got made done saw seen knew known thought felt found left lost won met moved lived died born
grew grown bought sold paid sent spent wore worn ate eaten drank drove driven flew flown ran sang
sung sat stood slept spoke spoken swam taught told threw thrown woke wrote written began begun
broke broken brought built caught chose chosen cut drew drawn fell fallen fought forgot forgiven
froze hid hidden hit held hurt kept laid led lent lit meant read rode ridden rose rung shook
shone shot shown shut sank stole stuck swept torn understood wound listed named called joined
visited ordered arrived departed married divorced retired hired fired promoted elected appointed
arrested charged released injured killed rescued celebrated awarded honoured remembered announced
reported claimed denied agreed refused accepted offered invited welcomed greeted thanked blamed
praised loved hated liked wanted needed hoped wished tried failed managed started stopped
finished continued returned followed opened closed turned pushed pulled lifted dropped carried
showed explained described mentioned money bank card loan mortgage rent salary wage tax insurance
contract invoice receipt payment refund account balance cash coin cheque credit debit fee fine
price discount sale bargain order delivery parcel package post stamp address email website
password username profile message text chat video song album band concert tune lyrics melody
movie film series episode season novel story poem chapter character plot scene stage theatre
museum gallery exhibition artwork canvas frame sculpture health hospital clinic medicine pill
vaccine doctor illness pain fever cough headache allergy injury school college university class
lesson course exam grade diploma degree homework teacher pupil campus job career boss colleague
staff team meeting project deadline office desk computer printer report government election vote
party law court judge trial crime police prison prisoner victim witness army navy soldier weapon
gun bomb war peace treaty border refugee immigrant citizen passport visa family parents children
husband wife kids baby twins cousin nephew niece relatives neighbour guest friend boyfriend
girlfriend partner lover stranger enemy hero leader follower member owner user customer client
buyer seller visitor traveller tourist pedestrian commuter worker labourer servant breakfast
lunch dinner supper snack dessert meal recipe ingredient flavour taste menu restaurant kitchen
bathroom bedroom hallway attic basement garage balcony terrace courtyard driveway porch weather
temperature wind breeze thunder lightning hail frost fog mist drought flood earthquake mobile
download upload click tap scroll search browse login signup update install delete backup pocket
zip zipper button sleeve collar hem lining fabric strap buckle heel sole lace stitch waist slim
fit regular loose stretch length width height weight pack piece pair set kit bundle combo size
mens womens kids boys girls unisex adults infants toddlers ladies gents large medium extra plus
women men people human humans adult elderly old lady gentleman guy guys folks crew squad audience
religion belief faith prayer church worship god goddess angel devil heaven hell soul spirit ghost
anniversary reunion funeral ceremony vow engagement honeymoon birthday holiday vacation trip tour
north south east west northern southern eastern western upper lower central middle inner outer
left right front back side top bottom edge corner centre surface layer border margin row column
line hundred thousand million billion dozen half third quarter double triple single couple
several many"""


def _entries(text: str) -> list[str]:
    return [entry.replace("~", " ") for entry in text.split()]


def _spoken(text: str) -> list[str]:
    return [entry.replace("-", " ") for entry in text.split()]


def borrowed_names() -> list[str]:
    """Return brands and things of several words, or with "'s", that carry a person's name."""
    entries = _entries(BRANDS) + _entries(NAMED_THINGS)
    return [entry for entry in entries if " " in entry or entry.endswith("'s")]


def _english() -> list[str]:
    """Return plain English words: those of Faker's texts and of Python's own help pages."""
    from pydoc_data.topics import topics

    from faker.providers.lorem.en_US import Provider

    help_pages = re.findall(r"(?<![\w.`*])[a-z]{3,}(?![\w.`*(])", " ".join(topics.values()))
    return sorted({*Provider.word_list, *help_pages, *EVERYDAY.split()})


def vocabulary() -> dict[str, Sequence[str]]:
    """Gather the lists above and the class names that open_clip, torchvision and Unicode carry."""
    from open_clip.zero_shot_metadata import IMAGENET_CLASSNAMES
    from torchvision.models.video import R3D_18_Weights

    symbols = [unicodedata.name(chr(code), "") for code in range(0x1F300, 0x1FAFF)]
    pictures = [name.lower() for name in symbols if name and "SYMBOL" not in name]
    return {
        "colour": _entries(COLOURS),
        "adj": _entries(ADJECTIVES) + _entries(COLOURS),
        "thing": _entries(THINGS) * 3 + list(IMAGENET_CLASSNAMES) + pictures,
        "noun": _spoken(THINGS),
        "role": _spoken(ROLES),
        "doing": _entries(DOINGS),
        "action": [str(name) for name in R3D_18_Weights.DEFAULT.meta["categories"]],
        "place": _entries(PLACES),
        "brand": _entries(BRANDS),
        "named": _entries(NAMED_THINGS),
        "nation": _entries(NATIONALITIES),
        "time": _entries(TIMES),
        "event": _entries(EVENTS),
        "title": _entries(HONORIFICS),
        "word": _entries(FUNCTION_WORDS),
        "english": _english(),
    }
