// 4096 English words of three to seven letters: twelve bits each, sixty for a passphrase of five.
//
// Taken from the EFF large word list for passphrases (Electronic Frontier Foundation, Joseph Bonneau, 2016), licensed CC BY 3.0 US
// (https://creativecommons.org/licenses/by/3.0/us/). Changes: words with hyphens or more than seven letters left out, and of the
// seven-letter words 342 more at even distances, so that a word is exactly twelve random bits.

/** The words, separated by whitespace. */
export const words = `
abacus abide abiding ability ablaze able abreast abroad absence absolve abstain absurd accent acclaim acetone aching acid acorn acquire acre acrobat
acting action active actress acts acutely aerosol afar affair affirm affix afford affront aflame afloat afoot afraid aged agency agenda agent aghast
agile agility aging agonize agony agreed aground ahead ahoy aide aids aim ajar alarm album alfalfa alias alibi aliens alike alive almanac almost aloe
aloft aloha alone aloof alright alto alumni always amaze amber ambush amends amenity amid amigo amino amiss ammonia amnesty among amount ample amplify
amply amuck amulet amused amuser amusing anatomy anchor anchovy ancient android anemia anemic anew anger angled angler angles angling angrily angular
animal anime ankle annex annuity another antacid anthem anthill antics antler antsy anvil anybody anyhow anymore anyone anytime anyway aorta apache
apostle appear applaud apple applied apply approve april apron aptly aqua area arena argue arise armband armed armful armhole arming armless armoire
armory armrest army aroma arose around arousal arrange array arrest arrival arrive arson art ascend ascent ashen ashes ashy aside askew asleep aspect
aspire aspirin astound astride astute atlas atom atop atrium attach attain attempt attest attic attire auction audible audibly audio august author
autism avatar avenge avenue avert aviator avid avoid await awaken award aware awhile awkward awning awoke awry axis babble babied baboon backed backer
backing backlit backup bacon badass badge badland badly badness baffle bagel bagful baggage bagged baggie baggy bagpipe baked bakery baking balance
balcony balmy bamboo banana banish banjo banked banker banking banner banter barbed barbell barber barcode barge barista barley barman barn barrack
barrel barrier bash basics basil basin basis basket batboy batch bath baton bats battery batting battle bauble blabber bladder blade blah blame
blaming blank blast blazer blazing bleach bleak bleep blend bless blimp bling blinked blinker blinks blip blitz bloated blob blog blot blouse blubber
bluff bluish blunt blurb blurred blurry blurt blush boaster boat bobbed bobbing bobble bobcat bobtail body bogged boggle bogus boil bok bolster bolt
bonanza bonded bonding boned boney bonnet bonsai bonus bony book booted booth bootie booting bootleg boots boozy borax boring borough boss botany
botch both bottle bottom bounce bouncy bovine boxcar boxer boxing boxy breach breath breeder breeze breezy brewery brewing briar bribe brick bride
bridged bright brim bring brink brisket briskly bristle brittle broadly broiler broken broker bronco bronze brook broom brought browse brunch brunt
brush brute bubble bubbly bucked bucket buckle buddy budget buffalo buffed buffer buffing buffoon buggy bulb bulge bulgur bulk bulldog bullish bullpen
bully bunch bundle bungee bunion bunkbed bunny bunt busboy bush busily busload bust buzz cabana cabbie cable caboose cache cackle cacti cactus caddie
caddy cadet cadmium cage cahoots cake caliber calm caloric calorie calzone cameo camera camper campus canal canary cancel candied candle candy cane
canine canned canning cannon cannot canola canon canopy canteen canyon capable cape capital capitol capped capsize caption captive capture caramel
carat carbon carded cardiac caress cargo caring carless carload carnage carol carport carried carrot carry cartel carton cartoon carve carwash cascade
case cash casing casino casket catalog catcall catchy caterer catfish catlike catnap catnip catsup cattle catty catwalk caucus causal cause causing
caution cavalry caviar cavity cedar celery celtic cement census chafe chain chair chalice chamber chance change channel chant chaos chapped chaps
charger chariot charity charm charter chase chasing chaste chatter chatty cheddar cheek cheer cheese cheesy chef chemo cherub chess chest chevron
chevy chewer chewing chewy chief chili chill chimp chip chirpy chive choice choking chomp chooser choosy chop chosen chrome chubby chuck chug chummy
chump chunk churn chute cider cinch cinema circle circus citable citadel citizen citric citrus city civic civil clad claim clammy clamor clamp clang
clapper clarify clarity clash clasp class clatter clause claw clay clean clear cleat cleft clench clerk clever clicker client climate cling clinic
clip clique cloak clobber clock clone cloning clothes cloud clover clubbed clump clumsy clunky clutch clutter coach coaster coat cobalt cobbler cobweb
cocoa coconut cod coerce coexist coffee coil coke cola cold collar collide collie colony colt coma come comfort comfy comic coming comma commend
comment common commute company compare compel comply compost comrade concave conceal concert conch concise concur condone conduit cone confirm conform
conical consent console consult contact contest context contort contour convene convent cope copied copier copilot coping copper copy coral cork
corncob cornea corned corner corny coroner corral correct corrode corset cortex cosmic cosmos cost cottage cotton couch cough could country county
courier cover coyness cozily cozy cradle crafter crafty cramp crane cranial cranium crank crate crave crayon crazed crazily crazy creamed creamer
crease create credit creed creme creole crepe crept crested crewman crib cricket cried crier crimp crimson cringe crinkly crisped crisply crispy
critter croak crock crook croon crop cross crouch crowbar crowd crown crucial crudely cruelly crumb crummy crumpet crunchy crushed crust crux crying
cryptic crystal cube cubical cubicle cuddle cuddly culture cupcake cupid cupped cupping curable curdle cure curfew curing curled curler curling curly
curry curse cursive cursor curtain curtly curtsy curve curvy cushy cusp cussed custody customs cut cycle cyclic cycling cyclist cymbal dab dad dagger
daily dainty dairy daisy dance dander dandy danger dangle dares darkish darling darn dart dash data dating dawdler dawn daybed daycare dayroom daytime
dazzler deacon dealer dealt dean debate debit debrief debtor debug debunk decade decaf decal decay deceit decency decent decibel decimal deck decode
decoy decree deduce deduct deed deem deepen deeply deface defame default defeat defense defiant defile define deflate defog defrost deftly defuse defy
degree deity delay delete delouse delta deluge deluxe demise demote denial denim denote dense density dental denture deny depict deplete deploy deport
depose depress deprive depth deputy derail derby deserve desktop despair despite destiny detail detest detract deuce devalue deviate device devious
devotee diagram dial diaper diary dice dicing dig dill dilute dime dimly dimmed dimmer dimness dimple diner dingbat dinghy dingo dingy dining dinner
diocese diploma dipped dipper dipping disarm disband discard discuss disdain dish disjoin disk dislike dismay disobey disown display dispose disrupt
distant distill distort ditch ditto ditzy diving dizzy doable docile dock dodge dodgy doily doing dole dollar dollop dolly dolphin domain donated
donator donor donut doodle doorman doorway doozy dork dorsal dosage dose dotted douche dove down dowry doze drab drained drainer drank drastic draw
dreaded dreamt dreamy dreary drench dress drew dribble dried drier drift driller drippy driven driver drizzle drizzly drone drool droop dropbox
droplet dropper drove drown drudge drum dry dubbed duchess ducking ducky duct dude duffel dugout duh duke duller duly duo dupe duplex durable durably
duress during dusk dust dutiful duty duvet dwarf dweeb dwelled dwindle dynamic dynasty each eagle earache earflap earful earlobe early earmark earring
earshot earthen earthly earthy earwig easel easiest easily easing easter eatable eaten eatery eating eats ebay ebony ebook ecard echo eclair eclipse
ecology edge edging edgy edition editor eel effects effort egging eggnog egotism either eject elated elbow elderly eldest elevate eleven elf elite
elitism elixir elk ellipse elm elope elude elves email embargo embark embassy ember emblaze emblem embody emboss emcee emit emote emotion empathy
emperor empower empty emu enable enamel enclose encode encore encrust encrypt ended ending endless endorse energy engaged engine engorge engulf
enhance enjoyer enrage enrich enroll enslave ensnare ensure entail entire entity entomb entrap entree entrust entwine envious envoy envy enzyme epic
episode equal equate equinox equity erased eraser erasure errand errant erratic error erupt eskimo essay essence estate etching eternal ethanol ether
ethics evade evasion evasive even evict evident evil evoke evolve exact exalted excess exclaim exclude excuse exert exes exhale exhaust exhume exile
exit exodus expand expel expend expert expire explain explode exploit explore expose extent extinct extras extrude fable fabric faceted facial facing
faction factor factual faculty fade fading failing falcon fall false fame family famine fanatic fancied fancy fanfare fang fanning fascism faster
fasting faucet favored fax feast federal fedora feeble feed feel feisty feline femur fence fender ferment ferret ferris ferry fervor fester festive
fetal fetch fever fiber fiction fiddle fifteen fifth fifty figment figure filing filled filler filling film filter filth finale finally finch finer
finicky finite finless finlike fit five flaccid flail flakily flaky flame flanked flap flaring flashy flask flatly flatten flattop fled fleshed fleshy
flick flier flight flinch fling flint flip flirt float flock flop floral florist floss flyaway flyer flying flyover foam foe fog foil folic folk
follow fondly fondue font food fool footage footer footman footpad footsie fossil foster founder fox foyer frail frame framing frantic frayed fraying
frays freebee freedom freeing freely freeway french frenzy fresh fretful fretted friday fridge fried friend frill fringe frisbee frisk fritter frolic
from front frosty froth frown frozen fruit frying gab gaffe gag gaining gains gala gallery galley gallon gallows galore game gaming gamma gander
gangly gangway gap garage garden gargle garland garlic garment garnet garnish garter gas gating gauze gave gawk gazing gear gecko geek geiger gem
gender generic genre gentile gently gents geology gerbil gestate getaway getting getup giant giblet giddily giddy gift giggle giggly gigolo gilled
gills gimmick girdle given giver giving gizmo glacial glacier glade gladly glamour glance glare glass glazing gleeful glider gliding glimmer glisten
glitch glitter glitzy gloater gloomy glorify glory gloss glove glucose glue gluten glutton gnarly gnat goal goes goggles going golf gonad gondola gone
gong good gooey goofy google goon gopher gore gorged gory gosling gossip gothic gotten gout gown grab graded grader grading grafted grain grandma
grandpa granite granny granola grant grape graph grasp grass gratify grating gravel graves gravity gravy gray greedy green greeter grew grid grief
grill grimace grime grimy grinch grip gristle grit groggy groin groom groove groovy grope ground grouped grout grove grower growl grub grudge gruffly
grumble grumbly grunge grunt guide guise gulf gully gulp gumball gumdrop gumming gummy gurgle guru gush gusto gusty gutless guts gutter guy habitat
hacked hacker hacking hacksaw had haggler haiku half halt halved halves hamlet hammock hamper hamster handbag handed handgun handled handler handoff
handset hangout hangup hankie hanky happier happily happy harbor hardly hardy harmful harmony harness harsh harvest hash hassle haste hastily hasty
hatbox hatchet hate hatless hatred haunt haven hazard hazily hazing hazy headed header headset headway heap heat heave heavily heaving hedge hefty
helium helmet helper helpful helping hemlock hence henna herald herbal herbs hermit heroism herring herself hertz hexagon hubcap huddle huff hug hula
hulk hull human humble humbly humid hummus humped humvee hunger hungry hunk hunter hunting hurdle hurled hurler hurling hurray hurried hurry hurt
husband hush husked hut hybrid hyphen ice iciness icing icky icon icy ideally idiocy idiom idly igloo ignore iguana image imaging immerse impale
impart impeach impish implant implode imply impose imprint improve impulse impure iodine iodize ion ipad iphone ipod irate irk iron islamic issue
issuing italics item itunes ivory ivy jab jackal jacket jackpot jailer jam january jargon jarring jasmine jaunt java jawed jawless jaws jaybird jazz
jeep jellied jelly jersey jester jet jiffy jigsaw jimmy jingle jinx jitters jittery job jockey jogger john joining jolly jolt jot jovial joyous
joyride judge judo juggle jugular juice juicy jukebox july jumble jumbo jump june junior juniper junkie junkman jurist juror jury justice justly kabob
karaoke karate karma kebab keenly keep keg kelp kennel kept kettle kick kiln kilt kimono kindle kindly kindred kinetic king kinship kinsman kisser
kissing kitchen kite kitten kitty kiwi knee knelt knoll koala kooky kosher krypton kudos kung labored laborer ladder ladies ladle ladybug lagged
lagoon lair lake lance landed landing lanky lantern lapdog lapel lapped lapping laptop lard large lark lash lasso last latch late lather latter launch
launder laundry laurel lavish lazily lazy left legacy legal legend legged legible legibly lego legume legwork lemon lend length lens lent leotard
lesser letdown letter lettuce level levers liable library licking lid life lifter lifting likely liking lilac lilly lily limb limeade limes limit
limping line lingo lining linked linseed lint lion lip liquefy liquid lisp list litmus litter little livable lived lively liver lividly living lizard
lucid luckily lugged lullaby lumber lumpish lunacy lunar lung lurch lure lurk lushly luster lustily lusty luxury lying lyrics macaw mace machine
maggot magical magma magnify maimed majesty maker making malt mama mammal mammary manatee mandate manger mangle mango mangy manhole manhood manila
mankind manlike manly manmade manned manor mantis mantra manual many map marbled marbles march mardi margin marina marine marital marlin maroon
married marrow marry marshy mascot mashed mashing masses massive mastiff matador math mating matrix matron matted matter mauve maximum maybe mayday
moaner moaning mobile mobster mocha mocker mockup modify module moisten molar mold mollusk mom monday mongrel monitor monthly moocher moody mooing
mooned moonlit mop morale morally morse mosaic mossy most motion motive motor motto mounted mourner mouse mousy mouth movable move movie moving mower
mowing much muck mud mug mulch mule mulled mumble mumbo mummify mummy mumps mundane muppet mural murky museum mushily mushy music musket musky mustang
muster musty mutable mutate mute mutiny mutt mutual muzzle myself myspace mystify myth nacho nag nail name naming nanny nape napkin napped nappy
narrow nastily native natural nature navy nearby nearest nearly neatly nebula nectar negate nemeses neon nephew nerd nervous nervy nest net neuron
neuter neutron never next nibble niece nifty nimble nimbly ninja ninth nuclear nuclei nucleus nugget number numbing numbly numeral numeric nursing
nurture nutcase nutlike nutmeg nutty nuzzle nylon oaf oak oasis oat object oblong oboe obscure obtain obtuse obvious occupy ocean ocelot octagon
octane october ogle oil oink okay old olive omega omen ominous omit onboard ongoing onion online only onset onstage onto onward onyx oops ooze oozy
opacity opal open operate opium opossum oppose opt other otter ouch ought ounce outage outback outbid outcast outcome outer outfit outgrow outing
outlet outline outlook outmost outpour output outrage outrank outsell outwit oval ovary oven overact overall overbid overdue overlap overlay overpay
overtly overuse owl oxford oxidant oxidize oxygen oyster ozone paced pacify padded padding paddle padlock pagan pager paging pajamas palace palm
paltry pampers panama panda pang panic panning panther pantry pants papaya paper paprika parade paradox parcel parched pardon parish parka parking
parkway parlor parole parrot parsnip partake parted parting partly party passage passing passion passive pasta pasted pastel pastor pasture pasty
patchy path patient patio patriot patrol pauper paver paving pawing payable payday payee payer paying payment payroll pebble pebbly pecan pectin
pelican pellet pelt pelvis pencil pendant pending pennant penny penpal pension pep perch perfume perish perjury perky perm pesky peso pester petal
petite petri petted petty petunia phantom phobia phoney phonics phony photo phrase placard placate plank plant plasma plaster plastic plated plating
platter player playing playoff playpen playset plaza pleat pledge plenty plod plop plot plow ploy pluck plug plunder plural plus plywood poach pod
poem poet pogo pointed pointy poise poison poker poking polar police policy polio polish polka polo polygon polymer poncho pond pony popcorn pope
poplar popper poppy popular pork porous portal portly poser posh posing possum postage postal postbox posted poster posting posture pouch pounce pound
pouring pout powdery power powwow pox prance pranker prayer preachy precise precook precut predict prefix pregame prelaw prelude premium prepaid
prepay preppy preset preshow presoak press presume pretext pretty pretzel prevail prevent prewar pried primal primary primate primer primp print prior
prism prison prissy privacy private prize probe problem process prodigy product profane profile progeny prone prong pronto proofs propose props
prorate proton proud proved proven proving prowess prowler proxy prozac prude prune pruning pry psychic public pucker pueblo pug pull pulp pulse puma
pumice pummel punch pungent punk pupil puppet puppy purely purge purging purify purist puritan purity purple purr purse pursuit pusher pushpin pushup
pushy putdown putt puzzle pyramid python quack quail quake qualify quality qualm quantum quarrel quarry quench query quicken quickly quiet quill quilt
quintet quirk quit quiver quote rabid race racing racism rack racoon radar radial radio radish raffle raft rage ragged raging ragweed raider railing
railway raisin rake raking rally ramble ramp ramrod ranch random ranged ranger ranging ranked ransack ranting rants rare rarity rascal rash rasping
ravage raven ravine raving ravioli reach ream reapply reason reawake rebate rebel rebirth reboot reborn rebound rebuff rebuilt recall recant recast
recede recent recess recital recite reclaim recoil recolor recopy record recount recoup rectal rectify reenact reentry referee refill refined reflex
reflux refocus refold refrain refresh refried refund refuse refute regain regalia regally reggae regime region regress regroup rehab reheat rehire
reissue rejoice rejoin relapse related relax relay release reliant relic relieve relish relive reload relock rely remake remark remarry rematch remedy
remix remnant remold remorse remote removed remover rename renewal renewed rental rented renter reopen reorder repaint repair repave repeal repent
replace replay reply repose repost reprint reprise reps reptile request reroute rerun resale rescuer reseal resend resent reset reshape residue resize
resort respect result resume retail retake rethink retinal retiree retold retool retouch retrace retract retread retreat retrial retry return retype
reunion reunite reuse reveal reveler revenge reverb revered reverse revert revise revisit revival revoke revolt reward rewash rewind rewire reword
rework rewrap rewrite rhyme ribbon ribcage rice riches richly rickety ridden ride riding rifling rift rigging rigid rigor rimless rimmed rind rink
rinse rinsing riot ripping ripple riptide rise rising risk risotto ritalin ritzy rival roamer roaming roast robbing robe robin robust rocker rocket
rocking rocky rogue roman romp rope roping roster rosy rotten rotunda roundup routine routing rover roving royal rubbed rubber rubble rubdown ruby
ruckus rudder rug ruined rule rumble rummage rumor rundown runner running runny runt runway rural ruse rush rust rut sabbath sacred sadden saddled
sadly sadness safari safely saga sage sagging saggy said saint sake salad salami salary saline salon saloon salsa salt salute salvage same sample
sandal sandbag sandbar sanded sanding sandlot sandpit sandy sank santa sapling sappy sardine sash sassy satchel satin satisfy saucy sauna savage saved
savings savior savor say scabbed scabby scalded scale scaling scam scandal scanner scant scarce scared scarf scarily scary scenic scheme science scion
scoff scone scoop scooter scope scorch scored scorer scoring scorn scotch scoured scouts scrap scrawny screen scribe script scroll scrooge scruffy
scrunch scuba scuff scurvy second secrecy secret sector secular sedan sedate seduce segment seizing seldom self seltzer seminar senate senator send
senior sepia septic septum sequel series sermon serve service serving sesame setback setting settle setup seventy shabby shack shaded shadily shading
shadow shady shaft shaking shaky shale shallot shallow shame shampoo shank shanty shape share sharper sharpie sharply shawl sheath shed sheep sheet
shelf shell shelter shelve sherry shield shifty shimmer shimmy shindig shine shingle shiny ship shirt shock shone shopper shore shorten shorter
shortly shorts shorty shout shove shower showing showman shown showoff showy shrank shriek shrill shrimp shrine shrink shrivel shrubs shrug shrunk
shuffle shun shush shut shy siamese sibling siding sierra siesta sift silent silica silicon silk silly silo silt silver simile simple simply sincere
singer singing single sinless sinner sip siren sister sitcom sitter sitting sixfold sixteen sixth sixties sizably size sizing sizzle skater skating
skeptic sketch skewed skewer skid skied skier skies skiing skillet skimmed skimmer skinny skipper skirt skyline skype skyward slab slacked slacker
slacks slain slam slang slashed slate slather slaw sled sleek sleep sleet sleeve slept sliced slicer slicing slick slider slimy slinky slip slit
sliver slogan sloped sloping sloppy slot slouchy sludge slug slum slurp slush sly small smartly smasher smell smile smirk smite smith smitten smock
smog smoked smoking smoky smolder smooth smudge smudgy smugly snack snagged snaking snap snare snarl snazzy sneak sneer sneeze snide sniff snippet
snitch snooper snooze snore snorkel snort snout snowcap snowman snowy snub snuff snuggle snugly speak specked specks speech speed speller spender
spent spew sphere sphinx spider spied spiffy spill spilt spinal spindle spinner spinout spiny spiral spirits spleen splice splurge spoiled spoiler
spoils spoken sponge spongy sponsor spoof spooky spool spoon spore sports sporty spotter spotty spousal spouse spout sprain sprang sprawl spray spree
sprig spring sprint sprite sprout spruce sprung spry spud spur sputter squad squall squash squeak squid squint squire squirt squishy stable stack
stadium staff stage staging stained stammer stamp stand stank staple starch stardom staring stark starlet starry starter startle startup stash state
static statue stature status statute staunch stays steam steed steep stellar stem stench step stereo sterile sternum stew stick stiffen stiffly stifle
stilt stinger stingy stinky stipend stir stitch stock stoic stoke stole stomp stoning stony stood stooge stool stoop stopper storage storm stout stove
stowing stratus straw stray streak stream street strep stress strewn strict stride strife strike strive strobe strode struck strudel strum strung
strut stubbed stubble stubbly stucco stuck studied studio study stuffed stuffy stumble stump stung stunner stunt stupor sturdy styling stylist stylus
suave subdued sublet sublime subpar subplot subside subsidy subtext subtly subtype suburb subway subzero such sudden sudoku suds suffice suffix sugar
suggest suing suitor sulfate sulfide sulfur sulk sullen sultry supper supply support supreme surely surface surfer surging surname surpass surplus
survey survive sushi suspect suspend swab swagger swan swarm sway swear sweat sweep swell swept swerve swiftly swimmer swinger swipe swirl switch
swivel swooned swoop swoosh swore sworn swung symptom synapse synergy syrup system tabby tables tablet tabloid tacking tackle tacky taco tactful
tactics tadpole tag tainted take taking talcum tall talon tamale tamer tamper tank tanned tannery tantrum tapered tapioca tapping taps target tarmac
tarot tartar tartly task tassel taste tasting tasty tattle tattoo taunt tavern thank that thaw theater thee theft theme thermal thermos these thesis
thicket thigh thimble thing think thinly thinner thirty thong thorn those thrash thread thrift thrill thrive throat throng thrower thud thumb thus
thyself tiara tibia tidal tidbit tidings tidy tiger tighten tigress tile tiling till tilt timid timing timothy tinfoil tingle tingly tinker tinsel
tint tinwork tiny tipoff tipped tipper tiptop tiring tissue trace tracing track tractor trade trading tragedy train traitor trance trapeze trapped
traps trash travel tray treason treat treble tree trekker tremble tremor trench trend triage trial tribune triceps trickle tricky trident tried trifle
trimmer trinity trio tripod triumph trivial trophy tropics trouble trough trout trowel truce truck truffle trump trunks truth try tubby tubular
tucking tuesday tug tuition tulip tumble tummy turban turf turkey turmoil turret turtle tusk tutor tutu tux tweak tweed tweet twelve twenty twerp
twice twiddle twig twine twins twirl twisted twister twisty twitch tycoon tying tyke udder ultra umpire unable unaired unawake unaware unbend unbent
unblock unboxed uncanny unchain uncivil unclad unclasp uncle unclip uncloak unclog uncork uncouth uncross uncrown uncured uncut undead undergo undoing
undone undress undying unease uneasy uneaten unequal uneven unfair unfazed unfiled unfold unglue ungodly unhappy unheard unholy unhook unicorn unified
unifier unify union unison unit unkempt unkind unlaced unlatch unleash unless unlined unlit unlucky unmade unmixed unmoral unnamed unnerve unpack
unpaid unpaved unplug unquote unread unreal unrest unripe unrobed unroll unruly unsafe unsaid unsaved unscrew unseen unsent unsnap unsold unstuck
unsure untaken untamed untaxed untidy untie until untold untried untrue untruth untwist untying unused unvocal unwary unweave unwed unwell unwind
unwired unworn unwound unzip upbeat upchuck update upfront upgrade upheld uphill uphold upload upon upper upriver uproar uproot upscale upside upstage
upstart upswing uptake uptight uptown upward upwind uranium urban urchin urgent urging urology usable usage useable used user usher usual utensil
utility utmost utopia utter vacancy vacant vacate vaguely valiant valid valium valley value vanilla vanish vanity varied variety various varmint
varsity varying vastly veal vegan veggie velcro velvet vending vendor venture venue venus verdict verify verse version versus vertigo very vessel vest
veteran veto viable vibes vice video viewer viewing village villain violate violet violin viper viral virtual virus visa viscous visible vision
visitor visor vista vitally vividly vixen vocally voice void volley voltage volumes voter voting voucher vowed vowel voyage wad wafer waffle waged
wager wages waggle wagon wake waking walk walnut walrus waltz wand wannabe wanted wanting wasabi washday washed washer washing washtub wasp wasting
watch water waving wavy whacky wham wharf wheat whiff whinny whiny whoever whole whoopee whoops why wick widely widen widget widow width wife wifi
wildcat wilder wildly willed willing willow wilt wimp wince wincing wind wing winner winter wipe wired wiring wiry wisdom wise wish wispy wistful
wizard wobble wobbly wok wolf womanly womb woof wooing wool woozy word work worried worrier worry worst wound woven wow wrath wreath wrecker wrench
wriggle wriggly wrinkle wrist writing written wronged wrought xbox xerox yahoo yam yanking yapping yard yarn yeah yearly yeast yelling yelp yen yield
yin yippee yodel yoga yogurt yonder yoyo yummy zap zealous zebra zen zero zesty zipfile zipping zippy zips zit zodiac zombie zone zoning zoology zoom
`;
