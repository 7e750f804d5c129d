//! What was agreed between whom, and what became of it.

/// A booking's story.
pub(super) struct Story {
    /// The place in the list of coaches.
    pub(super) coach: usize,
    /// The session type's name.
    pub(super) kind: &'static str,
    /// The place in the list of mentees.
    pub(super) mentee: usize,
    /// On which day, counted from today where the coach lives. When nothing is free then, on the nearest day further
    /// from today that has something.
    pub(super) day: i64,
    /// As near as possible to this hour of the coach's clock.
    pub(super) hour: u16,
    /// How many days before it was booked, at least.
    pub(super) lead: i64,
    /// What the mentee wrote.
    pub(super) notes: &'static str,
    pub(super) end: End,
}

/// How the story stands today.
#[derive(Clone, Copy)]
pub(super) enum End {
    /// As it was booked. If it is past, it waits for the coach to say how it went.
    Booked,
    /// The coach confirmed the request.
    Confirmed,
    /// The coach said no to the request.
    Declined(&'static str),
    /// It took place, after the coach confirmed it if that was needed.
    Completed,
    /// The mentee did not come.
    NoShow,
    /// The mentee called it off, in good time.
    CancelledByMentee(&'static str),
    /// The coach called it off.
    CancelledByCoach(&'static str),
    /// The mentee moved it by about so many days.
    Moved(i64, &'static str),
}

const MAYA: usize = 0;
const TOMAS: usize = 1;
const DENISE: usize = 2;
const ANANYA: usize = 3;
const AROHA: usize = 4;
const NOOR: usize = 5;

const JONAS: usize = 0;
const EMILY: usize = 1;
const LUCIA: usize = 2;
const KENJI: usize = 3;

const fn story(coach: usize, kind: &'static str, mentee: usize, (day, hour): (i64, u16), notes: &'static str, end: End) -> Story {
    Story { coach, kind, mentee, day, hour, lead: 8, notes, end }
}

/// Every booking of the demo. Those that have to find room first come first.
pub(super) const ALL: &[Story] = &[
    // Maya's past.
    story(MAYA, "Intro call", JONAS, (-41, 10), "Found you through a friend. I lead a small data team in Berlin.", End::Completed),
    story(MAYA, "Career crossroads", JONAS, (-34, 14), "Staff engineer or manager: I have until the end of the quarter.", End::Completed),
    story(MAYA, "Intro call", EMILY, (-29, 11), "", End::Completed),
    story(MAYA, "Career crossroads", EMILY, (-22, 9), "I wrote down three options, as you asked.", End::Completed),
    story(MAYA, "Intro call", LUCIA, (-20, 16), "", End::NoShow),
    story(MAYA, "Deep dive", JONAS, (-13, 13), "The offer letter is in my mail to you.", End::Completed),
    story(MAYA, "Career crossroads", LUCIA, (-9, 15), "", End::CancelledByMentee("Travelling for work that week. I will book again.")),
    story(MAYA, "Leadership sparring", EMILY, (-8, 10), "Two people in my team do not talk to each other.", End::Completed),
    // She has yet to say how these went.
    story(MAYA, "Career crossroads", EMILY, (-3, 14), "How do I tell my manager?", End::Booked),
    story(MAYA, "Intro call", KENJI, (-1, 9), "", End::Booked),
    // Maya's days to come.
    story(MAYA, "Career crossroads", JONAS, (0, 15), "First month in the new role. It is not what I was told.", End::Booked),
    story(MAYA, "Intro call", LUCIA, (0, 17), "Second try. Sorry about last time!", End::Booked),
    story(MAYA, "Leadership sparring", KENJI, (1, 10), "I have to give a review that will not be liked.", End::Confirmed),
    story(MAYA, "Career crossroads", EMILY, (1, 14), "", End::Booked),
    story(MAYA, "Deep dive", JONAS, (3, 9), "", End::Booked),
    story(MAYA, "Career crossroads", LUCIA, (4, 11), "Moving countries or not: I made the list.", End::Moved(2, "A dentist.")),
    Story { lead: 0, ..story(MAYA, "Leadership sparring", JONAS, (5, 15), "Could we talk about hiring my successor?", End::Booked) },
    Story {
        lead: 0,
        ..story(MAYA, "Leadership sparring", LUCIA, (8, 10), "I was just made a lead and have no idea what I am doing.", End::Booked)
    },
    story(
        MAYA,
        "Leadership sparring",
        KENJI,
        (6, 9),
        "Every day for a week?",
        End::Declined("I cannot do that many. Shall we take one hour?"),
    ),
    story(MAYA, "Career crossroads", EMILY, (9, 13), "", End::Booked),
    // The others.
    story(TOMAS, "Portfolio review", LUCIA, (-16, 11), "Children's books and two wine labels.", End::Completed),
    story(TOMAS, "Afternoon at the studio", LUCIA, (-6, 15), "", End::Completed),
    story(TOMAS, "Portfolio review", KENJI, (2, 17), "My prices are from 2019.", End::Booked),
    Story { lead: 0, ..story(TOMAS, "Afternoon at the studio", JONAS, (6, 15), "In Lisbon that week. Prints in the bag.", End::Booked) },
    story(DENISE, "Walk and talk", EMILY, (-11, 12), "My number is in my profile mail.", End::Completed),
    story(DENISE, "The hard conversation", EMILY, (2, 13), "", End::Booked),
    story(DENISE, "Walk and talk", KENJI, (5, 19), "", End::CancelledByCoach("I lost my voice. Please take any other time.")),
    story(ANANYA, "Mock interview", KENJI, (-15, 20), "Site reliability, a big one.", End::Completed),
    story(ANANYA, "System design, slowly", KENJI, (-4, 19), "A queue that must not lose anything.", End::Booked),
    story(ANANYA, "Mock interview", JONAS, (3, 7), "Engineering manager loop.", End::Booked),
    story(AROHA, "Voice lesson", KENJI, (-18, 9), "A keynote in English, twenty minutes.", End::Completed),
    story(AROHA, "Voice lesson", KENJI, (2, 9), "", End::Moved(1, "My flight moved too.")),
    story(NOOR, "Night shift", LUCIA, (-7, 23), "", End::Completed),
    story(NOOR, "Night shift", EMILY, (1, 22), "Fourth week of nights.", End::Booked),
];
