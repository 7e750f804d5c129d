use leptos::prelude::*;

/// What an icon shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Picture {
    /// A letter i in a circle.
    Info,
    /// A tick.
    Check,
    /// A triangle with an exclamation mark.
    Alert,
    /// A clock.
    Clock,
    /// A camera, for video calls.
    Video,
    /// A banknote.
    Money,
    /// A pin on a map.
    Place,
    /// A telephone.
    Phone,
    /// A sheet of a calendar.
    Calendar,
    /// A person.
    Person,
    /// A magnifying glass.
    Search,
    /// A globe.
    Globe,
    /// Towards earlier.
    Previous,
    /// Towards later.
    Next,
}

impl Picture {
    const fn path(self) -> &'static str {
        match self {
            Self::Info => "M10 2.5a7.5 7.5 0 1 0 0 15 7.5 7.5 0 0 0 0-15M10 9v5M10 6.2v.1",
            Self::Check => "m4 10.5 4 4 8-9",
            Self::Alert => "M10 3 2.5 16.5h15L10 3M10 8.2v4M10 14.4v.1",
            Self::Clock => "M10 2.5a7.5 7.5 0 1 0 0 15 7.5 7.5 0 0 0 0-15M10 5.5V10l3 2",
            Self::Video => "M4 5h7a2 2 0 0 1 2 2v6a2 2 0 0 1-2 2H4a2 2 0 0 1-2-2V7a2 2 0 0 1 2-2M13 9l5-3v8l-5-3",
            Self::Money => "M2.5 5h15v10h-15zM10 7.8a2.2 2.2 0 1 0 0 4.4 2.2 2.2 0 0 0 0-4.4M5 7.5v.1M15 12.5v.1",
            Self::Place => "M10 17.5s6-5.2 6-9.5a6 6 0 0 0-12 0c0 4.3 6 9.5 6 9.5M10 6a2 2 0 1 0 0 4 2 2 0 0 0 0-4",
            Self::Phone => {
                "M4 3h3l1.5 4-2 1.5a9 9 0 0 0 5 5l1.5-2 4 1.5v3c0 .8-.7 1.4-1.500 1.400C8.500 17 3 11.500 2.600 4.500 2.600 3.700 3.200 3 4 3"
            }
            Self::Calendar => "M3 5h14v12H3zM3 8.500h14M7 3v3.500M13 3v3.500",
            Self::Person => "M10 3a3.500 3.500 0 1 0 0 7 3.500 3.500 0 0 0 0-7M3.500 17c.6-3.200 3.200-5 6.500-5s5.900 1.800 6.500 5",
            Self::Search => "M9 3a6 6 0 1 0 0 12A6 6 0 0 0 9 3M13.500 13.500 17.500 17.500",
            Self::Globe => {
                "M10 2.500a7.500 7.500 0 1 0 0 15 7.500 7.500 0 0 0 0-15M2.500 10h15M10 2.500c2.500 2 3.500 4.500 3.500 7.500s-1 5.500-3.500 7.500c-2.500-2-3.500-4.500-3.500-7.500s1-5.500 3.500-7.500"
            }
            Self::Previous => "m12 4-6 6 6 6",
            Self::Next => "m8 4 6 6-6 6",
        }
    }
}

/// A small drawing beside words that say the same; silent for screen readers.
#[component]
pub fn Icon(
    /// What it shows.
    picture: Picture,
) -> impl IntoView {
    view! {
        <svg class="icon" viewBox="0 0 20 20" fill="none" stroke="currentColor" stroke-width="1.6" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">
            <path d=picture.path() />
        </svg>
    }
}

/// The sign: two circles that meet.
#[component]
pub fn Logo() -> impl IntoView {
    view! {
        <svg class="logo-mark" viewBox="0 0 28 18" fill="none" stroke="currentColor" stroke-width="2.2" aria-hidden="true">
            <circle cx="9.5" cy="9" r="7.5" />
            <circle cx="18.5" cy="9" r="7.5" />
        </svg>
    }
}
