//! What Cal.com remembers: its users, the calendars they connected, who asked how often.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::bookings::state::{Booking, EventType, Mail, Schedule};
use super::limiter::Window;
use crate::core::calendar::{Calendar, Role};
use crate::core::config::{client_id, client_secret};
use crate::core::people::Account;
use crate::core::provider::Provider;
use crate::core::state::World;

/// A platform client: an organisation's authority over its managed users.
#[derive(Debug, Clone)]
pub(crate) struct PlatformClient {
    pub(crate) id: String,
    pub(crate) secret: String,
    /// The organisation's owner: whose calls those with client credentials are.
    pub(crate) owner: i64,
}

/// A user: managed by a client, or a person of their own.
#[derive(Debug, Clone)]
pub(crate) struct User {
    pub(crate) id: i64,
    pub(crate) email: String,
    pub(crate) username: String,
    pub(crate) name: String,
    pub(crate) bio: Option<String>,
    pub(crate) time_zone: String,
    pub(crate) week_start: String,
    pub(crate) created: Timestamp,
    pub(crate) time_format: i64,
    pub(crate) schedule: Option<i64>,
    pub(crate) locale: Option<String>,
    pub(crate) avatar_url: Option<String>,
    pub(crate) metadata: Map<String, Value>,
    /// The platform client that manages the user, and the address without its alias.
    pub(crate) managed: Option<(String, String)>,
    pub(crate) destination: Option<Destination>,
}

/// Where bookings are written.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Destination {
    pub(crate) id: i64,
    pub(crate) credential: i64,
    pub(crate) external_id: String,
}

/// The kinds of calendar that can be connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    /// Google Calendar.
    Google,
    /// Outlook.
    Office365,
    /// iCloud.
    Apple,
    /// A feed.
    IcsFeed,
}

impl Kind {
    /// The `integration`.
    pub(crate) const fn integration(self) -> &'static str {
        match self {
            Self::Google => "google_calendar",
            Self::Office365 => "office365_calendar",
            Self::Apple => "apple_calendar",
            Self::IcsFeed => "ics-feed_calendar",
        }
    }

    /// The `slug`, and the `appId` of a credential.
    pub(crate) const fn slug(self) -> &'static str {
        match self {
            Self::Google => "google-calendar",
            Self::Office365 => "office365-calendar",
            Self::Apple => "apple-calendar",
            Self::IcsFeed => "ics-feed",
        }
    }

    /// The name for people.
    pub(crate) const fn title(self) -> &'static str {
        match self {
            Self::Google => "Google Calendar",
            Self::Office365 => "Outlook Calendar",
            Self::Apple => "Apple Calendar",
            Self::IcsFeed => "ICS Feed",
        }
    }

    /// Where its events are, for the kinds whose accounts the sandbox has.
    pub(crate) const fn provider(self) -> Option<Provider> {
        match self {
            Self::Google => Some(Provider::Google),
            Self::Office365 => Some(Provider::Microsoft),
            Self::Apple | Self::IcsFeed => None,
        }
    }
}

/// Where a credential leads.
#[derive(Debug, Clone)]
pub(crate) enum Link {
    /// To an account of a provider, by the grant that Cal.com holds there, if it came by consent.
    Account { provider: Provider, account: String, grant: Option<usize> },
    /// To calendars of its own, of the user who signs in with that name and password; feeds have addresses.
    Own { user: String, password: String, calendars: Vec<Calendar> },
}

/// A connected calendar account.
#[derive(Debug, Clone)]
pub(crate) struct Credential {
    pub(crate) id: i64,
    pub(crate) user: i64,
    pub(crate) kind: Kind,
    pub(crate) link: Link,
    /// Flagged: revoked at the provider.
    pub(crate) invalid: bool,
    /// The provider cannot be read at the moment.
    pub(crate) unreadable: bool,
    /// The calendars that count as busy for Cal.com's own slots.
    pub(crate) selected: BTreeSet<String>,
}

/// Everything of Cal.com's that a reset forgets.
#[derive(Debug, Default)]
pub(crate) struct CalCom {
    pub(crate) clients: Vec<PlatformClient>,
    pub(crate) users: BTreeMap<i64, User>,
    pub(crate) credentials: BTreeMap<i64, Credential>,
    /// Who asked how often.
    pub(crate) windows: HashMap<String, Window>,
    /// A limit of requests a minute in place of the usual ones.
    pub(crate) limit: Option<u32>,
    pub(crate) schedules: BTreeMap<i64, Schedule>,
    pub(crate) event_types: BTreeMap<i64, EventType>,
    /// In the order of their making.
    pub(crate) bookings: Vec<Booking>,
    /// What was written to people.
    pub(crate) mails: Vec<Mail>,
    /// The platform client has mails switched off.
    pub(crate) no_mails: bool,
    next: i64,
}

/// The number of the first user that is made.
const FIRST: i64 = 4101;
/// The user who owns the organisation of the platform client.
const OWNER: i64 = 4001;

impl CalCom {
    /// The state at the start: one platform client; people of their own, each with a connected calendar.
    pub(crate) fn seeded(accounts: &[Account], now: Timestamp) -> Self {
        let client = PlatformClient { id: client_id(Provider::Cal), secret: client_secret(Provider::Cal), owner: OWNER };
        let mut cal = Self { clients: vec![client], next: FIRST, ..Self::default() };
        let owner = User::person(OWNER, "owner@cal.example", "Organisation Owner", "UTC", now);
        cal.users.insert(OWNER, owner);
        for account in accounts.iter().filter(|account| account.provider == Provider::Cal) {
            let Ok(id) = account.id.parse() else { continue };
            cal.users.insert(id, User::person(id, &account.email, &account.name, &account.zone, now));
            let google = accounts.iter().find(|other| other.provider == Provider::Google && other.name == account.name);
            if let Some(google) = google {
                cal.connect(
                    id,
                    Kind::Google,
                    Link::Account { provider: Provider::Google, account: google.id.clone(), grant: None },
                    google,
                );
            }
        }
        cal
    }

    /// A number that was not given before.
    pub(crate) fn number(&mut self) -> i64 {
        self.next += 1;
        self.next - 1
    }

    /// Stores a credential that leads to `account`, with its primary calendar selected. The same account keeps its credential,
    /// which gets well by it.
    pub(crate) fn connect(&mut self, user: i64, kind: Kind, link: Link, account: &Account) -> i64 {
        let same = self.credentials.values_mut().find(|known| {
            let Link::Account { account: id, .. } = &known.link else { return false };
            known.user == user && known.kind == kind && *id == account.id
        });
        if let Some(known) = same {
            known.invalid = false;
            known.link = link;
            return known.id;
        }
        let id = self.number();
        let selected = account.calendars.iter().filter(|calendar| calendar.primary).map(|calendar| calendar.id.clone()).collect();
        self.credentials.insert(id, Credential { id, user, kind, link, invalid: false, unreadable: false, selected });
        id
    }

    /// The user of an account; an account that was added later gets one.
    pub(crate) fn user_of(&mut self, account: &Account, now: Timestamp) -> i64 {
        if let Some(user) = self.users.values().find(|user| user.email == account.email) {
            return user.id;
        }
        let id = self.number();
        self.users.insert(id, User::person(id, &account.email, &account.name, &account.zone, now));
        id
    }
}

impl User {
    fn person(id: i64, email: &str, name: &str, zone: &str, now: Timestamp) -> Self {
        Self {
            id,
            email: email.to_owned(),
            username: name.to_lowercase().replace(' ', "-"),
            name: name.to_owned(),
            bio: None,
            time_zone: zone.to_owned(),
            week_start: "Sunday".to_owned(),
            created: now,
            time_format: 12,
            schedule: Some(id + 10_000),
            locale: Some("en".to_owned()),
            avatar_url: None,
            metadata: Map::new(),
            managed: None,
            destination: None,
        }
    }
}

impl Credential {
    /// The calendars behind it.
    pub(crate) fn calendars<'a>(&'a self, world: &'a World) -> &'a [Calendar] {
        match &self.link {
            Link::Account { provider, account, .. } => world.account(*provider, account).map_or(&[], |account| &account.calendars),
            Link::Own { calendars, .. } => calendars,
        }
    }

    /// The address that people know it by.
    pub(crate) fn email<'a>(&'a self, world: &'a World) -> &'a str {
        match &self.link {
            Link::Account { provider, account, .. } => world.account(*provider, account).map_or("", |account| &account.email),
            Link::Own { user, .. } => user,
        }
    }

    /// Whether the provider would still let Cal.com in.
    pub(crate) fn works(&self, world: &World) -> bool {
        let granted = match &self.link {
            Link::Account { grant: Some(grant), .. } => world.oauth.grants.get(*grant).is_some_and(|grant| !grant.revoked),
            Link::Account { .. } | Link::Own { .. } => true,
        };
        granted && !self.invalid
    }
}

/// Whether Cal.com may not write to `calendar`.
pub(crate) fn read_only(calendar: &Calendar) -> bool {
    calendar.role < Role::Writer
}
