//! Who there is.

use super::{
    DemoError, DemoSignIn, PASSWORD,
    practice::Practice,
    season::{self, Home},
};
use crate::{
    accounts::{ClientInfo, Registration},
    model::Role,
    time::Zone,
};

/// A coach's or mentee's account.
struct Person {
    name: &'static str,
    email: &'static str,
    zone: &'static str,
}

/// The coaches, in the order in which [`super::coaches`] and [`super::stories`] count them. The sixth lives where the clock
/// changes next, see [`season`].
const COACHES: [Person; 5] = [
    Person { name: "Maya Lindqvist", email: "maya@wellmet.example", zone: "Europe/Stockholm" },
    Person { name: "Tomás Ferreira", email: "tomas@wellmet.example", zone: "Europe/Lisbon" },
    Person { name: "Denise Walker", email: "denise@wellmet.example", zone: "America/New_York" },
    Person { name: "Ananya Iyer", email: "ananya@wellmet.example", zone: "Asia/Kolkata" },
    Person { name: "Aroha Bennett", email: "aroha@wellmet.example", zone: "Pacific/Auckland" },
];

const MENTEES: [Person; 4] = [
    Person { name: "Jonas Weber", email: "jonas@wellmet.example", zone: "Europe/Berlin" },
    Person { name: "Emily Carter", email: "emily@wellmet.example", zone: "Europe/London" },
    Person { name: "Lucía Romero", email: "lucia@wellmet.example", zone: "America/Mexico_City" },
    Person { name: "Kenji Sato", email: "kenji@wellmet.example", zone: "Asia/Tokyo" },
];

/// Makes the accounts, as of months ago.
pub(super) async fn enter(practice: &mut Practice) -> Result<Vec<DemoSignIn>, DemoError> {
    let mut sign_ins = Vec::new();
    practice.days_ago(91);
    sign_ins.push(admin(practice).await?);
    let Home { zone, .. } = season::home(practice.now);
    let sixth = Person { name: "Noor Haddad", email: "noor@wellmet.example", zone };
    for (person, days) in COACHES.iter().chain([&sixth]).zip((70..=90).rev()) {
        practice.days_ago(days);
        sign_ins.push(register(practice, person, Role::Coach).await?);
    }
    for (person, days) in MENTEES.iter().zip((60..70).rev()) {
        practice.days_ago(days);
        sign_ins.push(register(practice, person, Role::Mentee).await?);
    }
    Ok(sign_ins)
}

async fn admin(practice: &Practice) -> Result<DemoSignIn, DemoError> {
    let (name, email) = ("Robin Ek", "admin@wellmet.example");
    practice.accounts.create_admin(email, name, PASSWORD).await?;
    Ok(DemoSignIn { role: Role::Admin, name: name.to_owned(), email: email.to_owned(), password: PASSWORD })
}

async fn register(practice: &mut Practice, person: &Person, role: Role) -> Result<DemoSignIn, DemoError> {
    let (name, email) = (person.name.to_owned(), person.email.to_owned());
    let registration =
        Registration { email: email.clone(), password: PASSWORD.to_owned(), name: name.clone(), role, time_zone: person.zone.to_owned() };
    let (identity, _) = practice.accounts.register(registration, &ClientInfo::default()).await?;
    practice.coach_actors.extend(identity.coach());
    practice.mentee_actors.extend(identity.mentee().zip(Zone::parse(person.zone)));
    Ok(DemoSignIn { role, name, email, password: PASSWORD })
}
