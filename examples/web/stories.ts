/** What the archive is written from: kinds of story, with slots in braces that an article fills with the same word throughout. */
export interface StoryKind {
  readonly section: string;
  /** What readers who follow this kind look for. */
  readonly topic: string;
  readonly headlines: readonly string[];
  readonly leads: readonly string[];
  readonly facts: readonly string[];
  readonly quotes: readonly string[];
  readonly outlooks: readonly string[];
}

export const SLOTS: Readonly<Record<string, readonly string[]>> = {
  name: [
    'Ingrid Solheim',
    'Tobias Falk',
    'Marit Aune',
    'Jonas Brekke',
    'Sunniva Dahl',
    'Erlend Moe',
    'Astrid Lunde',
    'Henrik Vik',
    'Ragnhild Øye',
    'Olav Strand',
  ],
  other: [
    'Kari Nygård',
    'Per Haugen',
    'Liv Torsvik',
    'Anders Holm',
    'Signe Rist',
    'Magnus Eide',
    'Tuva Berge',
    'Sverre Nes',
  ],
  place: [
    'Nordvik',
    'the Old Quay',
    'Fjellstad',
    'Sandøya',
    'the Mill Bridge',
    'Kirkeby',
    'Lower Havn',
    'the Western Pier',
    'Bjørkåsen',
    'Skaret',
  ],
  number: ['twelve', 'seventeen', 'twenty-four', 'thirty', 'forty-one', 'sixty', 'ninety', 'a hundred and ten'],
  sum: ['2.4 million', '5 million', '800,000', '12 million', '1.1 million', '36 million'],
  month: ['March', 'April', 'May', 'June', 'September', 'October', 'November'],
  boat: ['Havørn', 'Solveig II', 'Nordlys', 'Grete Marie', 'Stormfugl', 'Lille Sund'],
  bird: ['puffins', 'eiders', 'kittiwakes', 'black guillemots', 'oystercatchers'],
  team: ['Havnesund IL', 'Fjellstad Rowing Club', 'Nordvik Ski', 'the Kirkeby sisters', 'Sandøya Sailing'],
  work: ['The Lighthouse Keepers', 'Salt and Iron', 'A Winter in Letters', 'Songs for a Slow Boat', 'The Last Ferry'],
};

export const KINDS: readonly StoryKind[] = [
  {
    section: 'Harbour',
    topic: 'ferry timetable crossing passengers electric quay delay captain',
    headlines: [
      'Electric ferry {boat} makes its first crossing to {place}',
      'Ferry {boat} back in service after {number} days',
      'New timetable leaves {place} with one crossing fewer',
    ],
    leads: [
      'The {boat} left the quay at six on Monday morning with {number} passengers and no engine noise to speak of.',
      'For the first time since {month}, the crossing to {place} runs to its printed timetable.',
    ],
    facts: [
      'The crossing takes eighteen minutes in calm weather, and the batteries are charged at the quay while the cars drive off.',
      'The ferry company puts the price of the conversion at {sum} kroner, a third of it paid by the county.',
      'On busy days the {boat} carries more passengers than people live at {place}.',
      'Delays were longest in {month}, when fog kept the captain at the quay for two mornings in a row.',
      'A second charger is to be built at {place}, so that one power cut no longer stops both boats.',
    ],
    quotes: [
      '"You hear the gulls now," said {name}, who has been captain on the crossing for {number} years. "And you hear the passengers, which is not always better."',
      '"We plan our week by that timetable," said {other}, who keeps the shop at {place}. "One crossing fewer is one delivery fewer."',
    ],
    outlooks: [
      'The county decides on the winter timetable in {month}.',
      'Until then the old diesel ferry stays in reserve at the far end of the quay.',
    ],
  },
  {
    section: 'Harbour',
    topic: 'herring catch fishing fleet quota market landing nets',
    headlines: [
      'Herring returns to {place} after {number} quiet weeks',
      '{boat} lands the largest catch of the season',
      'Fishing fleet asks for an earlier quota in {month}',
    ],
    leads: [
      'The fish market opened two hours early on Thursday, because the {boat} could not wait: her nets were full.',
      'It began with the gulls, and by noon every boat of the fishing fleet was off {place}.',
    ],
    facts: [
      "The catch was weighed at {number} tonnes, all of it herring of this year's spawning.",
      'At the market the price fell by a fifth before lunch and rose again when the ice ran out.',
      'The quota for the coast is set each year from soundings that are made in {month}.',
      'Two boats lost nets on the wreck off {place}, which every chart shows and every season claims something.',
      'Landing fees this year have already brought the harbour {sum} kroner.',
    ],
    quotes: [
      '"My grandfather would have said the cold brings them," said {name} on the {boat}. "I say we should fish while they are here."',
      '"A quota that opens after the herring has left is only paper," said {other} of the fishermen\'s union.',
    ],
    outlooks: [
      'The institute of marine research measures again in {month}.',
      'The fleet goes out tomorrow at four, weather permitting.',
    ],
  },
  {
    section: 'Council',
    topic: 'council vote budget school bridge road motion mayor majority',
    headlines: [
      'Council votes {sum} for the bridge at {place}',
      'School at {place} stays open, by one vote',
      'Mayor {name} finds a majority for the harbour road',
    ],
    leads: [
      'After four hours, three motions and one broken microphone the council voted on Tuesday night.',
      'The majority was as narrow as the road it is about.',
    ],
    facts: [
      "The budget sets aside {sum} kroner, spread over three years and subject to the county's consent.",
      'At {place} {number} children go to school in a building that was meant for twice as many.',
      'An earlier motion failed in {month}, when two members were held up by the ferry.',
      'The bridge carries {number} lorries an hour on market days, and was built for carts.',
      'The opposition had proposed to repair the road first and to count the cars afterwards.',
    ],
    quotes: [
      '"Nobody got what they wanted, which is how you know it is a budget," said mayor {name}.',
      '"We will read the small print," said {other} for the opposition, "because that is where the road is."',
    ],
    outlooks: [
      'Work at {place} is to begin in {month}, after the thaw.',
      'The council meets again in two weeks; the meeting is public.',
    ],
  },
  {
    section: 'Science',
    topic: 'seabird colony count researchers nesting breeding island survey',
    headlines: [
      'Researchers count more {bird} on the cliffs of {place}',
      'Why the {bird} came early this year',
      'A camera at {place} watches {number} nests',
    ],
    leads: [
      'The survey takes {number} days, two pairs of binoculars and a good deal of rope.',
      'On the island the {bird} were nesting before the researchers had unpacked.',
    ],
    facts: [
      'The colony has grown for the third year in a row, after a decade in which every count was lower than the last.',
      'Breeding pairs need quiet water within {number} kilometres; the researchers think that the closed shipping lane helps.',
      'The count is compared with photographs that a schoolteacher took from the same rock in the fifties.',
      'A grant of {sum} kroner pays for cameras that run until {month} without anybody disturbing the nests.',
      'Mink, which took half the eggs on the island in some years, have not been seen since the trapping began.',
    ],
    quotes: [
      '"You learn to count by the noise," said the biologist {name}. "When it stops, an eagle is coming."',
      '"One good summer is weather," said {other} of the university. "Three are a result."',
    ],
    outlooks: [
      'The results are to be published in {month}.',
      'Landing on the island stays forbidden until the young have left.',
    ],
  },
  {
    section: 'Science',
    topic: 'tide power turbine current energy kilowatt generator strait',
    headlines: [
      'Tidal turbine in the strait powers {number} homes',
      'What {number} months in salt water do to a turbine',
      'Engineers lift the generator off {place}',
    ],
    leads: [
      'Four times a day the current turns, and with it a turbine the size of a bus.',
      'The generator came up green, heavy and in better shape than anyone had dared to hope.',
    ],
    facts: [
      'In the strait the tide runs at three metres a second; the turbine needs one to begin.',
      'So far it has delivered enough energy for {number} homes, and it stopped once, for a fishing net.',
      'Of the {sum} kroner that the trial costs, half went into the cable.',
      'Divers can work for twenty minutes at slack water, then the current takes the decision out of their hands.',
      'Barnacles cost the blades a tenth of their power between {month} and the first storm.',
    ],
    quotes: [
      '"The sea is punctual," said the engineer {name}. "That is what we pay it for."',
      '"I see it from my kitchen," said {other}, whose house at {place} is one of those it powers. "Well, I see where it is."',
    ],
    outlooks: [
      'A second turbine is to follow in {month}, if the first outlasts the winter.',
      'The figures of the trial are open to everyone, down to the kilowatt.',
    ],
  },
  {
    section: 'Culture',
    topic: 'theatre concert premiere audience stage choir novel exhibition',
    headlines: [
      '"{work}" opens at the boathouse theatre',
      '{name} reads from "{work}" to a full house',
      'Choir of {number} voices sings "{work}" on the quay',
    ],
    leads: [
      'There were more coats than hooks, and the premiere began late because of it.',
      'When the lights went down somebody in the audience said "at last", and was right.',
    ],
    facts: [
      '"{work}" was written in a cabin at {place} between {month} and the first snow.',
      'The stage is built from the planks of a ship that the audience, or its parents, sailed on.',
      'All {number} seats are sold until {month}; standing places are given out at the door.',
      'The municipality supports the theatre with {sum} kroner a year, less than a kilometre of road costs.',
      'In the second half the music does what the words had promised.',
    ],
    quotes: [
      '"I wanted to write about waiting," said {name}. "Here everybody is an expert."',
      '"My father worked on that boat," said {other} in the interval, "and it never creaked like that."',
    ],
    outlooks: [
      'It is played on Fridays and Saturdays until {month}.',
      'In spring the production goes on tour along the coast, by ferry, naturally.',
    ],
  },
  {
    section: 'Sport',
    topic: 'race final season team victory record training league',
    headlines: [
      "{team} wins the race to {place} by a boat's length",
      'Record crowd sees {team} reach the final',
      '{name} ends the season with a record',
    ],
    leads: [
      'It was decided on the last hundred metres, and argued about on the last bus.',
      'The rain stopped for the final, which is more than the defence did.',
    ],
    facts: [
      '{team} had trained since {month}, mostly in the dark and twice on ice.',
      'The record stood for {number} years and fell by less than a second.',
      'Some {number} volunteers marked the course around {place}; one of them had to swim.',
      'With this victory the team leads the league before the last weekend of the season.',
      'The prize of {sum} øre, the oldest joke of the regatta, was paid in coins.',
    ],
    quotes: [
      '"I looked back once, and that was a mistake," said {name}. "They were so close that I could hear them count."',
      '"We lost to a better team and a worse wind," said {other}, who coaches the runners-up.',
    ],
    outlooks: ['The return match is in {month}.', 'Training is on Tuesdays; beginners are welcome and will be wet.'],
  },
  {
    section: 'Weather',
    topic: 'storm rain wind warning snow flood gust forecast thaw',
    headlines: [
      'Storm closes the road to {place} for {number} hours',
      'Snow in {month}, and what the old almanac says of it',
      'Gusts, rain and a warning for the outer islands',
    ],
    leads: [
      'The first gust took the flag of the harbour office, and the second took the pole.',
      'Anyone who slept through the night slept somewhere else.',
    ],
    facts: [
      'At {place} the wind was measured at thirty-four metres a second before the instrument gave up.',
      'The fire brigade was called {number} times, mostly for trees and once for a trampoline on the church.',
      'Rain and thaw together raised the river to the second stone of the Mill Bridge, where floods are counted.',
      'The damage in the harbour is put at {sum} kroner; no one was hurt.',
      'The forecast had given the warning a day early, and most boats were moored twice.',
    ],
    quotes: [
      '"The sea was level with the quay, and then it was not level," said {name} of the harbour office.',
      '"We bring in what can fly, and we bring in the neighbours," said {other}, who has lived at {place} for {number} winters.',
    ],
    outlooks: [
      'The forecast for the weekend: less wind, more of everything else.',
      'The road is to open again when the slope has been inspected.',
    ],
  },
];
