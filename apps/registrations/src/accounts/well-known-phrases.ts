// Phrases that are long enough for a password and that everybody knows: what people reach for when they are asked for
// many characters. No list of leaked passwords that can be had as a package has more than a few of this length. Written by
// hand; add whatever is missing. A phrase stands for its beginnings too.

/** As people would write them. */
export const wellKnownPhrases: readonly string[] = `
correct horse battery staple; this is my password; this is a password; my password is password; password is my password
i forgot my password; let me in please; please let me in; you shall not pass; open sesame open sesame; change me please
i love you so much; i love you forever; i love you more than anything; i love my family; i love my mum and dad
i will always love you; love you to the moon and back; all you need is love; love is all around; live laugh love
live love laugh; love me like you do; forever and always; happily ever after; best friends forever; home sweet home
once upon a time; in the beginning was the word; in the beginning god created; the lord is my shepherd; jesus is my lord
jesus christ is lord; jesus loves me this i know; jesus is my savior; god bless america; in god we trust; god is good
god is love; praise the lord; our father who art in heaven; hail mary full of grace; amazing grace how sweet the sound
for god so loved the world; thank you jesus; trust in the lord; blessed are the meek; let there be light
to be or not to be that is the question; romeo and juliet; all the world is a stage; brevity is the soul of wit
a rose by any other name; the quick brown fox jumps over the lazy dog; lorem ipsum dolor sit amet consectetur
may the force be with you; luke i am your father; no i am your father; a long time ago in a galaxy far far away
do or do not there is no try; live long and prosper; beam me up scotty; to infinity and beyond; i will be back
hasta la vista baby; here is looking at you kid; elementary my dear watson; houston we have a problem; i see dead people
show me the money; life is like a box of chocolates; run forrest run; winter is coming; valar morghulis valar dohaeris
you know nothing jon snow; a lannister always pays his debts; one ring to rule them all; not all those who wander are lost
lord of the rings; game of thrones; harry potter and the; the chamber of secrets; the prisoner of azkaban
the boy who lived; i solemnly swear that i am up to no good; mischief managed; the hunger games; star wars episode
star trek the next generation; pirates of the caribbean; guardians of the galaxy; the big bang theory; doctor who
avengers assemble; with great power comes great responsibility; i am your father; hakuna matata what a wonderful phrase
supercalifragilisticexpialidocious; antidisestablishmentarianism; pneumonoultramicroscopicsilicovolcanoconiosis
hippopotomonstrosesquippedaliophobia; floccinaucinihilipilification; honorificabilitudinitatibus
llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch; abracadabra hocus pocus; the answer is forty two
so long and thanks for all the fish; do not panic; never gonna give you up; never gonna let you down; dont stop believing
dont stop me now; we are the champions; we will rock you; bohemian rhapsody; is this the real life is this just fantasy
stairway to heaven; smells like teen spirit; hotel california; dark side of the moon; wish you were here
another brick in the wall; we dont need no education; highway to hell; welcome to the jungle; sweet child of mine
livin on a prayer; let it be let it be; here comes the sun; hey jude dont make it bad; twist and shout; imagine all the people
give peace a chance; yesterday all my troubles; lucy in the sky with diamonds; we all live in a yellow submarine
somewhere over the rainbow; what a wonderful world; singing in the rain; dancing queen; girls just want to have fun
every breath you take; i want to break free; the show must go on; under pressure; shake it off; call me maybe
let it go let it go; do you want to build a snowman; you are my sunshine my only sunshine; happy birthday to you
jingle bells jingle bells; we wish you a merry christmas; merry christmas and a happy new year; silent night holy night
twinkle twinkle little star; mary had a little lamb; humpty dumpty sat on a wall; old macdonald had a farm; row row row your boat
itsy bitsy spider; london bridge is falling down; the wheels on the bus; ring around the rosie; if you are happy and you know it
roses are red violets are blue; rock paper scissors; ready steady go; one two three four five six seven eight nine ten
monday tuesday wednesday thursday friday saturday sunday; january february march april may june july; spring summer autumn winter
red orange yellow green blue; north south east west; alpha bravo charlie delta echo foxtrot; first second third fourth
early to bed and early to rise; practice makes perfect; better late than never; an apple a day keeps the doctor away
actions speak louder than words; knowledge is power; time is money; money is the root of all evil; carpe diem seize the day
keep calm and carry on; just do it nike; think different apple; impossible is nothing; yes we can; make america great again
united states of america; the united kingdom; united kingdom of great britain and northern ireland; land of the free
home of the brave; oh say can you see; we the people of the united states; four score and seven years ago; i have a dream
life liberty and the pursuit of happiness; ask not what your country can do for you; god save the queen; god save the king
rule britannia britannia rules the waves; new york city; san francisco; los angeles california; las vegas nevada; washington dc
new york yankees; los angeles lakers; dallas cowboys; chicago bulls; boston red sox; golden state warriors; green bay packers
pittsburgh steelers; san francisco giants; manchester united; manchester city; liverpool football club; you will never walk alone
chelsea football club; arsenal football club; glory glory man united; tottenham hotspur; real madrid; fc barcelona; visca barca
bayern munchen; borussia dortmund; cristiano ronaldo; lionel messi; michael jordan; kobe bryant; league of legends
world of warcraft; call of duty modern warfare; grand theft auto san andreas; counter strike; assassins creed; final fantasy
the legend of zelda; super mario brothers; sonic the hedgehog; gotta catch them all; need for speed; the elder scrolls skyrim
minecraft fortnite roblox; playstation; michael jackson; elvis presley; taylor swift; justin bieber; one direction; guns n roses
red hot chili peppers; linkin park; the rolling stones; led zeppelin; pink floyd; iron maiden; metallica master of puppets
who let the dogs out; i can has cheezburger; all your base are belong to us; the cake is a lie; never trust anyone
nobody knows; whatever it takes; no pain no gain; good morning sunshine; good morning vietnam; have a nice day; welcome home
mother father brother sister; administrator password; system administrator; welcome to the machine; hello world hello world

mot de passe; mon mot de passe; ceci est un mot de passe; ceci est mon mot de passe; le mot de passe; j'ai oublié mon mot de passe
je t'aime pour toujours; je t'aime à la folie; je t'aime mon amour; je t'aime mon cœur; je t'aime maman; je t'aime papa
je vous aime; mon amour pour toujours; l'amour est aveugle; l'amour toujours; vivre d'amour et d'eau fraîche; ma chérie d'amour
maman je t'aime; papa maman; ma famille que j'aime; mes enfants mes amours; la vie est belle; c'est la vie; la vie en rose
vive la france; vive la vie; vive les vacances; vive la liberté; liberté égalité fraternité; la république française
allons enfants de la patrie le jour de gloire est arrivé; aux armes citoyens formez vos bataillons; le jour de gloire est arrivé
l'état c'est moi; je pense donc je suis; être ou ne pas être telle est la question; que la force soit avec toi; je suis ton père
il était une fois; ils vécurent heureux et eurent beaucoup d'enfants; miroir mon beau miroir; sésame ouvre toi
un pour tous et tous pour un; tous pour un un pour tous; la guerre des étoiles; le seigneur des anneaux; un anneau pour les gouverner tous
vous ne passerez pas; vers l'infini et au delà; le petit prince; dessine moi un mouton; on ne voit bien qu'avec le cœur
l'essentiel est invisible pour les yeux; les trois mousquetaires; les misérables; notre dame de paris; le comte de monte cristo
à la recherche du temps perdu; longtemps je me suis couché de bonne heure; vingt mille lieues sous les mers; le tour du monde en quatre vingts jours
astérix et obélix; ils sont fous ces romains; tintin et milou; mille milliards de mille sabords; tonnerre de brest
les visiteurs; la grande vadrouille; le père noël est une ordure; bienvenue chez les ch'tis; la cité de la peur; le dîner de cons
maître corbeau sur un arbre perché; rien ne sert de courir il faut partir à point; la cigale et la fourmi; le corbeau et le renard
le lièvre et la tortue; petit à petit l'oiseau fait son nid; tout est bien qui finit bien; mieux vaut tard que jamais
qui ne tente rien n'a rien; l'union fait la force; la nuit tous les chats sont gris; après la pluie le beau temps; chacun pour soi
qui vole un œuf vole un bœuf; pierre qui roule n'amasse pas mousse; l'habit ne fait pas le moine; les chiens aboient la caravane passe
frère jacques dormez vous; au clair de la lune mon ami pierrot; sur le pont d'avignon; alouette gentille alouette; savez vous planter les choux
une souris verte qui courait dans l'herbe; il était un petit navire; promenons nous dans les bois; à la claire fontaine
meunier tu dors; ainsi font font font; un éléphant qui se balançait; petit papa noël quand tu descendras du ciel; vive le vent d'hiver
mon beau sapin; joyeux anniversaire; joyeux noël et bonne année; bonne année bonne santé; non je ne regrette rien; ne me quitte pas
la bohème; les champs élysées; aux champs élysées; comme d'habitude; que je t'aime; allumer le feu; on ira tous au paradis
je te donne; l'aigle noir; le temps des cerises; douce france; la mer qu'on voit danser; paris s'éveille; libérée délivrée
notre père qui es aux cieux; je vous salue marie pleine de grâce; dieu est amour; gloire à dieu; jésus est mon sauveur
un deux trois quatre cinq six sept huit neuf dix; un deux trois soleil; lundi mardi mercredi jeudi vendredi samedi dimanche
janvier février mars avril mai juin juillet; printemps été automne hiver; bleu blanc rouge; rouge orange jaune vert bleu
nord sud est ouest; mais où est donc ornicar; portez ce vieux whisky au juge blond qui fume; pierre feuille ciseaux
bonjour tout le monde; bonjour les amis; bonjour madame; bonne nuit les petits; bienvenue à la maison; ça va bien merci
paris saint germain; ici c'est paris; olympique de marseille; allez l'om; droit au but; olympique lyonnais; as saint étienne
allez les verts; girondins de bordeaux; stade rennais; racing club de lens; lille olympique sporting club; fc nantes; as monaco
stade toulousain; équipe de france; allez les bleus; et un et deux et trois zéro; champions du monde; zinedine zidane; kylian mbappé
johnny hallyday; saint denis; mont saint michel; tour eiffel; aix en provence; clermont ferrand; boulogne billancourt
la ville lumière; côte d'azur; île de france; poisson rouge; pomme de terre; chocolat au lait; jambon beurre; fromage et vin rouge
compte administrateur; administrateur système; bienvenue chez nous; n'importe quoi; je ne sais pas; anticonstitutionnellement
`
  .split(/[;\n]/)
  .map((phrase) => phrase.trim())
  .filter((phrase) => phrase !== "");
