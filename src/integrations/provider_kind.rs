/// The ways a calendar can be connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ProviderKind {
    /// A Cal.com managed user of the site's platform client.
    CalComManaged,
    /// A coach's own Cal.com account, by OAuth 2.0.
    CalComOauth,
    /// Google Calendar.
    Google,
    /// Microsoft 365 and Outlook.com.
    Microsoft,
    /// Any CalDAV server (RFC 4791).
    Caldav,
    /// An iCalendar feed at an address (RFC 5545).
    IcsFeed,
}

impl ProviderKind {
    /// All of them, in the order in which a coach is offered them.
    pub const ALL: [Self; 6] = [Self::Google, Self::Microsoft, Self::Caldav, Self::IcsFeed, Self::CalComOauth, Self::CalComManaged];

    /// As it is stored and appears in paths.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CalComManaged => "cal_com_managed",
            Self::CalComOauth => "cal_com_oauth",
            Self::Google => "google",
            Self::Microsoft => "microsoft",
            Self::Caldav => "caldav",
            Self::IcsFeed => "ics_feed",
        }
    }

    /// The kind stored as `word`.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// What people call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::CalComManaged | Self::CalComOauth => "Cal.com",
            Self::Google => "Google Calendar",
            Self::Microsoft => "Microsoft 365",
            Self::Caldav => "CalDAV",
            Self::IcsFeed => "Calendar feed",
        }
    }

    /// Whether it is reached with tokens that expire and are refreshed.
    pub const fn has_tokens(self) -> bool {
        !matches!(self, Self::Caldav | Self::IcsFeed)
    }
}
