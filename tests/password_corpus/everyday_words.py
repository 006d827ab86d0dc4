"""Everyday English words, written down for this corpus: what somebody looks at when told "three random words"."""

EVERYDAY_WORDS = tuple(
    """
    coffee train window table chair kettle toast butter bread cheese apple orange banana lemon cherry grape plum peach
    carrot potato tomato onion garlic pepper salad soup pasta rice noodle biscuit cake pudding custard honey sugar salt
    vinegar mustard pickle sandwich breakfast lunch dinner supper spoon fork knife plate bowl saucer teapot glass bottle
    kitchen bathroom bedroom garden garage cellar attic hallway stairs ceiling carpet curtain cushion pillow blanket
    mattress wardrobe drawer shelf cupboard mirror candle lamp lantern torch battery radio television camera computer
    laptop printer keyboard monitor speaker telephone letter envelope stamp parcel postman pencil crayon marker rubber
    ruler paper notebook diary calendar magazine newspaper library bookshop story poem novel chapter page bridge river
    lake stream canal harbour beach island mountain valley forest meadow field hedge fence gate path road street avenue
    corner roundabout pavement tunnel station platform ticket carriage tractor lorry bicycle scooter motorbike bus taxi
    tram ferry boat ship anchor sail rocket balloon aeroplane helicopter airport runway pilot captain sailor farmer
    baker butcher grocer plumber builder painter carpenter electrician teacher student nurse doctor dentist surgeon
    chemist porter cleaner driver gardener singer dancer actor drummer violin piano guitar trumpet flute drum whistle
    concert theatre cinema museum gallery castle palace cottage bungalow tower church chapel market supermarket shop
    bakery cafe restaurant hotel hostel tent caravan campsite rucksack suitcase handbag wallet purse pocket button
    zipper jacket jumper cardigan shirt trousers skirt dress socks slipper sandal trainer boot glove mitten scarf
    umbrella raincoat apron helmet necklace bracelet watch clock alarm bell hammer spanner screwdriver chisel ladder
    bucket shovel spade rake wheelbarrow watering compost flower tulip daffodil rose daisy lavender poppy orchid fern
    moss ivy willow oak maple birch chestnut acorn branch leaf root seed berry bramble mushroom rabbit squirrel badger
    hedgehog otter beaver mouse hamster kitten puppy horse pony donkey sheep lamb goat piglet cow calf chicken duckling
    goose swan pigeon sparrow robin magpie seagull penguin parrot ostrich eagle falcon owl bat spider beetle ladybird
    butterfly moth bumblebee wasp snail slug worm frog toad lizard tortoise turtle dolphin whale shark salmon trout
    herring lobster crab shrimp octopus starfish jellyfish elephant giraffe zebra lion leopard cheetah monkey gorilla
    camel kangaroo koala panda bear wolf fox deer moose walrus weather sunshine rainbow thunder lightning cloud drizzle
    snowflake icicle frost mist breeze storm puddle shadow moonlight planet comet galaxy desert volcano waterfall glacier
    purple yellow scarlet turquoise silver golden copper marble granite pebble gravel sand clay brick timber plastic
    velvet cotton linen woollen leather ribbon thread needle pattern puzzle jigsaw domino chess marbles football cricket
    tennis hockey rugby netball swimming cycling running skipping climbing camping fishing knitting painting baking
    cooking dancing reading laughing whisper giggle shout murmur gentle quiet noisy happy cheerful grumpy sleepy hungry
    thirsty clever silly brave curious honest patient polite lazy busy tiny huge narrow wide shallow deep heavy light
    smooth rough sticky slippery crunchy bitter sweet sour spicy frozen melted broken mended polished dusty muddy shiny
    wooden rusty rotten fresh ripe early late yesterday tomorrow weekend holiday birthday wedding picnic party present
    balloonist magician juggler clown parade festival fireworks bonfire blossom harvest orchard vineyard windmill
    lighthouse fountain statue bench playground swing slide seesaw sandpit kite yoyo teddy doll puppet robot marmalade
    jam syrup treacle porridge muesli yoghurt cream milk juice squash cocoa lemonade water ice steam smoke ash ember
    engine wheel pedal brake mirror bumper petrol diesel puncture pump hose valve pipe drain sink tap shower towel soap
    sponge brush comb razor perfume bandage plaster thermometer stretcher wheelchair crutch ambulance medicine tablet
    bottle jar tin box basket barrel crate trolley hook rope chain string knot wire cable plug socket switch fuse bulb
    hinge lock key handle knob letterbox doormat chimney gutter roof tile wall floor step balcony porch shed greenhouse
    allotment hillside woodland marsh pond reed dragonfly tadpole minnow pike eel heron kingfisher swallow cuckoo raven
    jackdaw wren finch thrush nest feather wing beak claw paw tail whisker hoof horn antler mane fur shell scale fin
    """.split()
)
