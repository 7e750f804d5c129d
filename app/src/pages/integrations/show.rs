//! What the tab shows.

use wellmet::{
    accounts::{CoachActor, Identity},
    integrations::{Connected, Offered, TestReport, standing::UnknownPolicy},
    model::Instant,
    time::Zone,
};

use crate::{
    components::Tone,
    server::{PageContext, PageError},
};

/// All that the tab shows.
pub struct Integrations {
    pub(super) accounts: Vec<Connected>,
    pub(super) offered: Vec<Offered>,
    pub(super) policy: UnknownPolicy,
    pub(super) zone: Zone,
    pub(super) now: Instant,
    /// What connecting came to, by the address one comes back to.
    pub(super) outcome: Option<(Tone, &'static str)>,
    /// What a test came to.
    pub(super) report: Option<TestReport>,
}

/// Every code that an address may carry in `error`, and what it says. The words are ours: nobody can put words into our
/// mouth by crafting a link.
const ERRORS: &[(&str, &str)] = &[
    ("refused", "Nothing was connected: access was not allowed on the provider's page."),
    (
        "state",
        "Nothing was connected: this way back was used before, is older than ten minutes, or began in another sign-in. Please press the button again.",
    ),
    (
        "scope",
        "Nothing was connected: a permission that is needed was left unticked. We ask to see when you are busy, and nothing more than that.",
    ),
    (
        "account",
        "Nothing was changed: you came back with another account than the one to reconnect. To add that account too, use “Add a calendar”.",
    ),
    ("provider", "Nothing was connected: the provider did not answer as it should. Please try again in a moment."),
    ("not-set-up", "This provider is not set up on this site."),
    ("unchanged", "Nothing was added: you came back and your calendars at Cal.com are as they were."),
    ("taken", "Your address has a user at Cal.com that was made for someone else. The site's operator has to look at it."),
    ("site", "The provider does not accept this site's own credentials. The site's operator has to look at it."),
    ("gone", "This account is not connected any more."),
    ("target", "Bookings can be written only to a calendar of yours that allows it."),
];

impl Integrations {
    /// Loads it for `coach`. `success` and `error` are what the address says.
    pub async fn load(
        context: &PageContext,
        coach: &CoachActor,
        identity: &Identity,
        success: bool,
        error: Option<&str>,
    ) -> Result<Self, PageError> {
        let service = &context.app.integrations;
        let outcome = match error {
            Some(code) => ERRORS.iter().find(|(known, _)| *known == code).map(|(_, words)| (Tone::Warn, *words)),
            None => success.then_some((Tone::Ok, "Connected. Your busy times are being read; mentees see them in a moment.")),
        };
        Ok(Self {
            accounts: service.list(coach).await?,
            offered: service.offered(),
            policy: service.policy(coach).await?,
            zone: Zone::parse(identity.time_zone()).unwrap_or_else(Zone::utc),
            now: context.app.deps.clock.now(),
            outcome,
            report: None,
        })
    }

    /// With what a test came to.
    pub(super) fn with_report(self, report: TestReport) -> Self {
        Self { report: Some(report), ..self }
    }
}
