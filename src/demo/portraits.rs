//! What the coaches say of themselves and offer, in the order of [`super::cast`].

use crate::model::{Minutes, PlaceKind};

/// A coach's page.
pub(super) struct Portrait {
    pub(super) headline: &'static str,
    pub(super) bio: &'static str,
    pub(super) languages: &'static [&'static str],
    pub(super) topics: &'static [&'static str],
    /// See [`super::hours`].
    pub(super) hours: &'static str,
    /// Closed from so many days ahead, for so many days.
    pub(super) holiday: (u64, u64),
    /// The hours of a Saturday to come.
    pub(super) extra_saturday: Option<&'static str>,
    pub(super) kinds: &'static [Kind],
}

/// A session type.
pub(super) struct Kind {
    pub(super) name: &'static str,
    pub(super) description: &'static str,
    pub(super) minutes: Minutes,
    pub(super) step: Minutes,
    pub(super) buffers: (Minutes, Minutes),
    pub(super) notice_hours: Minutes,
    pub(super) horizon_days: u32,
    pub(super) daily_cap: Option<u32>,
    pub(super) weekly_cap: Option<u32>,
    /// In minor units of a currency.
    pub(super) price: (i64, &'static str),
    pub(super) approval: bool,
    pub(super) place: (PlaceKind, &'static str),
}

/// An hour by phone, free, on the hour, a day ahead: what the others differ from.
const PLAIN: Kind = Kind {
    name: "",
    description: "",
    minutes: 60,
    step: 60,
    buffers: (0, 0),
    notice_hours: 24,
    horizon_days: 60,
    daily_cap: None,
    weekly_cap: None,
    price: (0, "EUR"),
    approval: false,
    place: (PlaceKind::Phone, ""),
};

/// Twenty free minutes to get to know each other.
const INTRO: Kind = Kind {
    name: "Intro call",
    description: "Twenty minutes to find out whether we suit each other. No preparation needed, no obligation afterwards.",
    minutes: 20,
    step: 30,
    notice_hours: 4,
    ..PLAIN
};

/// Every coach.
pub(super) const ALL: &[Portrait] = &[MAYA, TOMAS, DENISE, ANANYA, AROHA, NOOR];

const MAYA: Portrait = Portrait {
    headline: "Career coach for people at a crossroads",
    bio: "I spent twelve years in product teams, as a designer, a lead and the person who had to let people go. Today I help \
          people decide what comes next when the next step is not obvious.\n\n\
          We work with what is there: your week, your numbers, the people around you. I ask plain questions and write down \
          what you say. You leave every session with one thing to do before the next.\n\n\
          Certified by the International Coaching Federation (PCC). I coach in Swedish, English and German.",
    languages: &["Swedish", "English", "German"],
    topics: &["Career change", "Leadership", "Salary talks"],
    hours: "Mon-Tue 09:00-12:00 13:00-17:30; Wed 13:00-17:30; Thu 09:00-12:00 13:00-18:00; Fri 09:00-14:00",
    holiday: (24, 3),
    extra_saturday: Some("10:00-13:00"),
    kinds: &[
        Kind { place: (PlaceKind::Jitsi, ""), ..INTRO },
        Kind {
            name: "Career crossroads",
            description: "For the moment when the next step is not obvious. We map what you have, what you want and what it \
                          would cost, and leave with one thing to do this week.",
            step: 30,
            buffers: (0, 10),
            price: (9_000, "EUR"),
            place: (PlaceKind::Jitsi, ""),
            ..PLAIN
        },
        Kind {
            name: "Deep dive",
            description: "An hour and a half for a decision that needs room: an offer on the table, a team to leave, a company \
                          to found. Send me what you have beforehand; I read it.",
            minutes: 90,
            step: 30,
            buffers: (15, 15),
            notice_hours: 48,
            weekly_cap: Some(4),
            price: (13_500, "EUR"),
            place: (PlaceKind::Jitsi, ""),
            ..PLAIN
        },
        Kind {
            name: "Leadership sparring",
            description: "A standing hour for leads and founders. Tell me what you are working on; I answer each request \
                          myself, because I take few of these.",
            step: 30,
            buffers: (0, 10),
            price: (12_000, "EUR"),
            approval: true,
            place: (PlaceKind::Link, "https://meet.wellmet.example/maya"),
            ..PLAIN
        },
    ],
};

const TOMAS: Portrait = Portrait {
    headline: "Portfolio and pricing for freelancers",
    bio: "Illustrator for nine years, then agency owner, now neither. I help freelancers say what they do in one sentence and \
          charge for it without apologising.\n\n\
          Bring a portfolio, a quote or an awkward mail from a client. We fix that one first and find the pattern behind it.\n\n\
          Saturdays I am at the studio in Lisbon, where there is coffee and a long table.",
    languages: &["Portuguese", "English", "Spanish"],
    topics: &["Freelancing", "Portfolio", "Pricing"],
    hours: "Tue-Fri 10:00-13:00 15:00-19:00; Sat 10:00-13:30",
    holiday: (33, 5),
    extra_saturday: None,
    kinds: &[
        Kind { place: (PlaceKind::Link, "https://meet.wellmet.example/tomas"), ..INTRO },
        Kind {
            name: "Portfolio review",
            description: "One hour, your screen, my questions. You get my notes the same day.",
            price: (6_500, "EUR"),
            place: (PlaceKind::Link, "https://meet.wellmet.example/tomas"),
            ..PLAIN
        },
        Kind {
            name: "Afternoon at the studio",
            description: "Ninety minutes at the long table in Lisbon. Bring prints if you have them.",
            minutes: 90,
            step: 90,
            buffers: (15, 15),
            notice_hours: 48,
            daily_cap: Some(2),
            price: (11_000, "EUR"),
            approval: true,
            place: (PlaceKind::InPerson, "Rua da Boavista 84, Lisbon, second floor"),
            ..PLAIN
        },
    ],
};

const DENISE: Portrait = Portrait {
    headline: "First-time managers, from someone who was a bad one",
    bio: "My first team left me within a year. The second one is still in touch. In between I learned most of what I now teach: \
          how to give work away, how to say the hard thing early, how to have a one-to-one that is not a status report.\n\n\
          I work by phone, on purpose. People think better when they walk.",
    languages: &["English"],
    topics: &["Leadership", "New managers", "Difficult talks"],
    hours: "Mon-Thu 12:00-14:00 18:00-22:00; Fri 12:00-14:00",
    holiday: (12, 2),
    extra_saturday: Some("09:00-12:00"),
    kinds: &[
        INTRO,
        Kind {
            name: "Walk and talk",
            description: "An hour by phone. Put your shoes on; I call the number in your note.",
            daily_cap: Some(3),
            price: (14_000, "USD"),
            ..PLAIN
        },
        Kind {
            name: "The hard conversation",
            description: "You have to tell somebody something. We rehearse it until you can.",
            minutes: 45,
            step: 30,
            buffers: (0, 15),
            notice_hours: 6,
            price: (11_000, "USD"),
            ..PLAIN
        },
    ],
};

const ANANYA: Portrait = Portrait {
    headline: "Technical interviews without the dread",
    bio: "I have sat on the other side of about eight hundred interviews, most of them for infrastructure teams. I know what we \
          wrote down when you left the room.\n\n\
          We practise on real questions, out loud, with honest notes. Then we talk about the offer, because that is an \
          interview too.\n\n\
          Early mornings and late evenings, so that it fits around the job you still have.",
    languages: &["English", "Hindi", "Tamil"],
    topics: &["Interviews", "Software careers", "Salary talks"],
    // Something every day, soon enough for the quick start of docs/api.md, which books the first coach's first time of tomorrow (in UTC).
    hours: "Mon-Fri 06:30-08:30 19:00-22:30; Sat-Sun 10:00-14:00",
    holiday: (40, 2),
    extra_saturday: None,
    kinds: &[
        Kind { price: (0, "INR"), place: (PlaceKind::Jitsi, ""), ..INTRO },
        Kind {
            name: "Mock interview",
            description: "Forty-five minutes of interview, fifteen of notes. Tell me the role when you book.",
            step: 30,
            notice_hours: 4,
            weekly_cap: Some(8),
            price: (350_000, "INR"),
            place: (PlaceKind::Jitsi, ""),
            ..PLAIN
        },
        Kind {
            name: "System design, slowly",
            description: "Ninety minutes on one problem, with time to be wrong first.",
            minutes: 90,
            step: 30,
            buffers: (10, 10),
            daily_cap: Some(1),
            price: (500_000, "INR"),
            place: (PlaceKind::Jitsi, ""),
            ..PLAIN
        },
    ],
};

const AROHA: Portrait = Portrait {
    headline: "Speak up: voice and presence for quiet people",
    bio: "I trained actors for fifteen years. Then a shy engineer asked whether I could do the same for her Monday meeting. It \
          turned out I could.\n\n\
          No tricks with your hands. We work on breath, on the first sentence, and on what you actually want to say. Recorded \
          if you like, deleted when you say so.",
    languages: &["English", "Māori"],
    topics: &["Public speaking", "Confidence", "Presentations"],
    hours: "Mon-Wed 07:30-12:00; Thu 16:00-20:30; Fri 07:30-12:00",
    holiday: (17, 7),
    extra_saturday: Some("09:00-12:30"),
    kinds: &[
        Kind { place: (PlaceKind::Link, "https://meet.wellmet.example/aroha"), ..INTRO },
        Kind {
            name: "Voice lesson",
            description: "One hour on the talk, pitch or meeting that you dread.",
            step: 30,
            horizon_days: 90,
            price: (15_000, "NZD"),
            place: (PlaceKind::Link, "https://meet.wellmet.example/aroha"),
            ..PLAIN
        },
    ],
};

const NOOR: Portrait = Portrait {
    headline: "Coaching for people who work nights",
    bio: "Nurses, bakers, founders, new parents: if you are awake when everybody sleeps, so am I. I was a ward sister on night \
          duty in London for eleven years, and I kept the hours.\n\n\
          We talk about rest, about rotas and about what the job does to the people at home. These days I live in {place}, and \
          yes, I really do pick up at two in the morning.",
    languages: &["English", "Arabic", "French"],
    topics: &["Shift work", "Burnout", "Confidence"],
    // One night runs from 21:00 to 04:00: the two windows meet at midnight, also where the clock changes.
    hours: "Mon-Sun 00:00-04:00 21:00-24:00",
    holiday: (29, 1),
    extra_saturday: None,
    kinds: &[
        Kind { horizon_days: 180, ..INTRO },
        Kind {
            name: "Night shift",
            description: "An hour between nine in the evening and four in the morning. I ring you.",
            step: 30,
            notice_hours: 2,
            horizon_days: 180,
            daily_cap: Some(5),
            price: (5_500, "GBP"),
            ..PLAIN
        },
        Kind {
            name: "Back to daylight",
            description: "Ninety minutes for a change of life: a new rota, a new job, the first year with a child.",
            minutes: 90,
            step: 30,
            buffers: (0, 30),
            horizon_days: 180,
            price: (8_000, "GBP"),
            place: (PlaceKind::Jitsi, ""),
            ..PLAIN
        },
    ],
};
