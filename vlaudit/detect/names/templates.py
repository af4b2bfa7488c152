"""Sentence templates: captions and prose, with people in them and without.

`{person}` is a full name, `{given}` and `{surname}` its parts, `{place}`, `{org}` and `{brand}`
are labelled too; every other slot is filled with words that no recogniser should mark. `⏎` is a
new line.
"""

CAPTIONS_WITH_PEOPLE = """
a photo of {person}
photo of {person} at {place}
portrait of {person} by {person}
{person}
{person} in {place}, {time}
{person} wearing a {colour} {noun}
{person} and {person} at the {event}
{person}, {number}, a {role} from {place}
the {role} {person} {doing} in {place}
{role} {person} with a {noun}
{person} ({place}) {doing}
{person}'s {event} in {place}
{given} {doing} with a {noun}
{given} and {given} {doing} in the {noun}
{given}'s {noun}
my friend {given} {doing} at the {event}
our {role} {given} with her {noun}
picture of {given} and her {role} {given}
from left: {person}, {person} and {person}
from left to right {person}, {person}, {person} and {given}
{person} (left) shakes hands with {person} (right)
{formal} at the {event}
{formal} speaks to {role}s in {place}
{org} founder {person} on stage
{person} of {org} holding a {noun}
headshot of {person}, {role} at {org}
badge reads {person}
a name tag that says {given}
a letter to {person}
a {noun} signed by {person}
a {noun} painted by {person}
photo: {person}
photo by {person}
photograph by {person} / {org}
(c) {person}
image credit {person}, {org}
{place}: {person} {doing} at the {event}
{person} (born {year}) {doing}
{adj} {noun} belonging to {person}
id card of {person}
driving licence of {person}, issued in {place}
passport picture of {person}
{person} holding a {adj} {noun} and smiling
a {role} called {given}
a {role} named {given} {doing}
a {role}, {person}, {doing} next to a {noun}
{given} eating {noun} with {given} and {given}
happy birthday {given}
in memory of {person}
{person} by the {noun}, {time} {year}
selfie with {given} at {place}
{given} & {given}, {event} {year}
me and {given} in {place}
{person} | {org}
{person} - {role} - {place}
{role} of the {event}: {person}
grave of {person}, {year}-{year}
screenshot of a chat with {person}
a student, {person}, {doing}
{nation} {role} {person}
{nation} {role} {surname} {doing}
the {surname} family in {place}
interview with {person} on {time}
{person} scores at the {event} in {place}
close-up of {person}, photo taken by {given} {number}
employee {person}, room {number}
{given}, {given} and {given}
{given}, {given}, {given} and {given} at the {event}
back row: {given}, {given}, {given}, {given}; front row: {given} and {given}
{number} {role}s: {given}, {given}, {given}, {given} and {given}
{surname}, {surname} and {surname} at {place}
{given}, {given} & {given} {doing} in {place}
letter on a {noun}⏎{person}⏎{street}⏎{place}
business card⏎{person}⏎{role}, {org}⏎{street}
name: {person} address: {street}
the {surname} {noun}, {year}
{given} {noun} {given}
"""

PROSE_WITH_PEOPLE = """
My name is {person}.
Name: {person}
Name: {person}, city: {place}
Full name: {person}; employer: {org}
Customer: {person}
Patient {person}, {number} years
Dear {given},
Dear {formal},
Hi {given}, how are you?
Hello {given} and {given}, thanks for the {noun}.
Best regards, {person}
Sincerely, {person}, {org}
{person} wrote: the {noun} is {adj}.
"I like the {noun}," said {person}.
I met {given} in {place} last {time}.
I spoke to {formal} about the {noun}.
Please call {given} on {time}.
Please send the {noun} to {person} in {place}.
Is {given} coming to the {event}?
Where does {given} live?
What did {given} say about the {noun}?
Who is {person}?
Do you know {person}?
Did you see {given} {doing} with {given}?
{given} is {doing} today.
{given} was born in {place}.
{given} has a {adj} {noun}.
{given} works for {org} in {place}.
{surname} said that the {noun} was {adj}.
{surname}, who lives in {place}, is a {role}.
{person} is a {role} at {org}.
{person} was the {adj} {role} of {place}.
{person} joined {org} in {year} as a {role}.
{person}'s {noun} is {adj}.
{formal} has left {org}.
{formal} will see you on {time} at {number}.
The {event} was won by {person} of {place}.
The {noun} belongs to {given}, not to {given}.
The book was written by {person} and {person}.
The film stars {person} and {person} as a {role}.
A song by {person}, recorded in {place}.
{person} and {person}, {org} ({year}).
{surname} et al. ({year})
{surname}, {surname} and {surname} met in {place}.
This is {given}, my {role}.
Meet {given}, our new {role} from {place}.
I think {given} forgot the {noun} again!
Tell {given} that I am {doing}.
Ask {formal} or {given} for the {noun}.
The {role} said that {person} was {doing} near {place}.
We gave {given} a {noun} for {time}.
{given}, please bring the {noun}.
Thank you, {given}!
Contact {person}, phone {number}.
Invoice for {person}, {place}
The account of {person} is {adj}.
According to {person}, {place} is {adj} in {time}.
Mr and Mrs {surname} from {place}
User: {person}
Author: {person}
Attendees: {person}, {person}, {given}
{person}
{org}
{place}
{given} {number}
Signed, {person}
Yours, {given}
To: {person}
From: {person}
In {year}, {person} moved from {place} to {place}.
Isn't {given} your {role}?
They say {surname} bought {org}.
When {given} was {doing}, {given} took the {noun}.
There were five of us: {given}, {given}, {given}, {given} and {given}.
The {role}s are {given}, {given} and {given}.
She has {number} {role}s, {given}, {given}, {given} and {given}, and a {noun}.
{surname}, {surname} and {surname} are the {role}s of {org}.
{surname} and {surname} were {adj} {role}s.
{given}: "Where is the {noun}?"⏎{given}: "It is {adj}, {given}."
{given}: {word} {noun} {word}⏎{given}: {word}
{person}⏎{org}⏎{street}⏎{place}
{person}⏎{street}⏎{place}⏎{number}
>{person}⏎>{org}⏎>{street}
{org}⏎{person}⏎{street}⏎{place}
Name:   {person}⏎Address:   {street}, {place}
Name: {person}⏎Company: {org}⏎Role: {role}
{formal}⏎{street}⏎{place}
{given}'s address is {street}, {place}.
{given}'s {role} lives in {place}, {given}'s in {place}.
{given} told {given} that {given} is {adj}.
{given} had given {given} a {noun}.
{given}, can you send the {noun} to {given}?
The {surname} {noun} is about a {role}.
A {adj} {surname} {noun} from {year}.
Directed by {person}, starring {person} and {surname}.
As a {surname} fan, I like the {noun}.
{given} spent a {noun} at {school}.
{given} is the {role} of {given} and {given}.
Is {surname} on the {noun}?
{given} {doing}, {given} {doing}, {given} {doing}
"""

CAPTIONS_WITHOUT_PEOPLE = """
a photo of a {thing}
a photo of the {adj} {thing}
a {adj} photo of a {thing}
a picture of {thing}
an image of a {thing} and a {thing}
a close-up of a {adj} {thing}
a {role}
a {role} {doing}
a {role} {doing} in {place}
a photo of a {role}, {skin} skin tone
a photo of a {colour}-haired {role}
a {adj} {role} with a {colour} {noun}
a {adj} {role} {doing} with a {noun} on a {adj} {noun}
two {role}s {doing} next to a {noun}
three people {doing} at the {event}
the {role} is {doing}
{role} and {role} {doing}
{adj} {role} {doing} at {place}
{skin} skin tone {role}
emoji of a {thing}
{thing}
{thing}, {thing}, {thing}
{thing} on {colour} background
{thing} icon, {adj} style
{adj} {thing} {number}
{adj} {noun} for {role}s
{brand} {noun}
{brand} {adj} {noun} size {number}
{adj} {noun} by {brand}
new {brand} {colour} {noun}, {adj}
{brand} {noun} in {colour} and {colour}
{named}
a {named} on a {noun}
{adj} {named}
{place}
{place} at {time}
{noun} in {place}
view of {place} from the {noun}
street in {place}, {time} {year}
map of {place}
a {noun} near {place} in {time}
{nation} {noun}
{nation} {role} {doing}
people {action}
a person {action}
{action} in {place}
{event} in {place} {year}
{time} {noun}
{time} {event} {doing}
{time} {number}, {year}: {noun}
{org} {noun}
{org} logo
{noun} at the {org} {noun}
stock photo of {adj} {noun}
free {adj} {noun} vector
{colour} {colour} {noun}
{adj}, {adj} and {adj} {noun}
{noun} with {noun} and {noun}
the {noun} of the {role}
{role}'s {noun}
a {role}'s {adj} {noun} next to a {noun}
{number} {noun}s on a {noun}
room {number} with {adj} {noun}
{noun} {noun} {noun}
{adj} {adj} {noun} {noun}
{noun}
{adj} {noun} set, {number} pieces, {colour}
model {code}, {adj} {noun}
{code} {brand} {noun} {number} x {number} cm
sign that reads {word} {noun}
text on a {noun}: {word} {word} {noun}
screenshot of a {noun} app
{place} {noun} and {place} {noun}
flag of {place}
{street}
a {noun} in {street}, {place}
{street}, {place}
the corner of {street} and {street}
{school}
{school} in {place}
a {noun} at {school}
{role}s in front of {school}
{english} {english} {english}
{english} {english} {noun} with {english}
{adj} {english} {noun} {english} {number}
{english} {noun}
{english} and {english}, {english}
{brand} {english} {number}
{brand} {code} {noun} {english}
{english} by {brand}
a {role} in {place}, {nation} {english}
a {role} with a {english} and a {english}
{nation} food: {noun} and {noun}
{street} and {street}
{number} {street} {number}⏎{place}
{org}⏎{street}⏎{place}
{org}, {org} and {org}
{place}, {place} and {place}
{place}: {org}
{street} {number}, {place}
"""

PROSE_WITHOUT_PEOPLE = """
The {adj} {noun} is {doing}.
The {noun} of {place} is {adj}.
A {noun} {doing} in the {noun}.
{word} {word} {noun} {word} {adj} {noun}.
{word} is the {noun} {word} {adj}?
{word} {word} {word} a {noun}
{word}, {word} the {noun} {word} {word} {noun}.
Is the {noun} {adj}?
What is a {noun}?
Where is the {noun}?
How do I open the {adj} {noun}?
Why are {noun}s so {adj}?
Who has the {noun}?
Can I pay for the {noun} in {place}?
Could you send the {noun} on {time}?
Please close the {noun}.
Thanks for the {noun}!
Hello, I want a {noun}.
My {noun} is {adj}.
My {role} lives in {place}.
Our {role} likes {noun} and {noun}.
I like {noun}.
I am from {place}.
I need a {adj} {noun} in {place}.
I bought a {brand} {noun} in {place}.
I work for {org}.
We are {doing} in {place} on {time}.
They were {doing} near the {noun}.
It was a {adj} {time} in {place}.
There is a {noun} on the {noun}.
{brand} sells {adj} {noun}s in {place}.
{org} opened in {place} in {year}.
{org} was founded in {year}.
{place} is {adj} in {time}.
{place} and {place} are far from {place}.
In {year} the {noun} of {place} was {adj}.
On {time}, the {role} {doing}.
{time} is {adj}.
{nation} {noun} is {adj}.
Address: {number} {noun} street, {place}
Address: {number} {street}, {place}
I study at {school}.
{school} is {adj}.
{English} the {english} {english} {english}.
{English} {english} the {noun} {english}, {english} {english}.
{English} {english} is {english}.
{English}, {english} and {english}: {english}
The {english} {english} the {english} in {time}.
We {english} {english} {english} at {street}.
It is {english} to {english} a {english}.
{English}!
{English}?
Date: {time} {number}, {year}
Price: {number} for a {noun}
Order {code}: {number} {noun}s, {colour}
Title: {adj} {noun}
Size: {number}; colour: {colour}
Product code {code}
City: {place}
Company: {org}
Team: {nation} {role}s
Note: the {noun} is {adj}.
Warning! {adj} {noun}.
{adj} {noun} {word} {word} {noun}: {noun}, {noun}, {noun}
{Adj} {noun} made in {place}
{Noun} and {noun} {word} {noun}
{Thing} is {adj}.
{Thing} in {place}.
{Named} is a {adj} {noun}.
Click here for {noun}s and {noun}s.
Add {noun} to {noun}
{number} {noun}s, {number} {noun}s and a {noun}
Once a {role} met a {role} {doing} in a {noun}.
{org}⏎{street}⏎{place} {number}
{number} {street}⏎Apt. {number}⏎{place}
My address is {number} {street}⏎ Suite {number}⏎ {place}⏎ {place} {number}
A taxi to {street} {number}, {place}, please.
The {noun} arrived at {street} {number} on {time}.
The {noun} goes from {street} to {street}.
The {noun} is at {number} {street} {number} Apt. {number} {place}
The address of {org} is {street} {number}.
{org}, {org} and {org} are {adj}.
{org} is a {adj} {noun}.
It happened in the city of {place}: {noun}, {noun} and {noun}.
Who is coming to {place} with me?
It is about {place}, the {adj} {noun} of {nation} {role}s.
They were in {place}, {place} and {place}.
The ATM in {place} took my {noun} when I was {doing}.
The {role} is {number} and he is {adj}.
Written when she was {doing}, and loved by {role}s.
>{org}⏎>{street}⏎>{place}
"""

BLOCKS = {
    ("captions", True): CAPTIONS_WITH_PEOPLE,
    ("prose", True): PROSE_WITH_PEOPLE,
    ("captions", False): CAPTIONS_WITHOUT_PEOPLE,
    ("prose", False): PROSE_WITHOUT_PEOPLE,
}
