//! Links in mail: an address proved, a password chosen anew.

use std::time::Duration;

use wellmet::{
    accounts::{ClientInfo, LinkError, LinkPurpose, LinkState, ResetError, SignInError},
    limits::LimitSettings,
    model::Role,
    notices::mail::{Delivery, Letter},
    time::Secret,
};

use super::world::Desk;
use crate::{
    bookings_world::at,
    support::{PASSWORD, TestDb, accounts, both_engines},
};

/// The secret in the link of a mail.
fn secret(letter: &Letter, path: &str) -> Secret {
    let start = format!("https://booking.example.org{path}/");
    let link = letter.text.split_whitespace().find_map(|word| word.strip_prefix(&start)).expect("a link");
    Secret::from_untrusted(link).expect("a secret")
}

both_engines! {
    async fn registering_sends_a_link_that_proves_the_address_once(db: TestDb) {
        let desk = Desk::new(db);
        let (identity, _) = desk.db.person("ada", Role::Mentee, "Europe/Paris").await;
        assert!(!identity.email_checked());
        let [letter] = desk.mail().await.try_into().unwrap();
        assert_eq!((letter.to.as_str(), letter.subject.as_str()), ("ada@example.org", "Confirm your address for Acme Coaching"));
        assert!(letter.text.contains("for 24 hours") && letter.html.contains("/verify/"), "{}", letter.text);
        let secret = secret(&letter, "/verify");
        let accounts = desk.db.accounts();
        let works = LinkState::Works("ada@example.org".to_owned());
        // Looking at it, as programs do that check links in mail, does nothing.
        for _ in 0..3 {
            assert_eq!(accounts.link(&secret, LinkPurpose::CheckAddress).await.unwrap(), works);
        }
        assert_eq!(desk.db.count("SELECT COUNT(*) AS n FROM users WHERE email_checked_at IS NOT NULL").await, 0);
        assert_eq!(accounts.link(&secret, LinkPurpose::ResetPassword).await.unwrap(), LinkState::Unknown, "it proves and no more");
        assert_eq!(accounts.prove_address(&secret).await.unwrap(), works);
        assert_eq!(accounts.prove_address(&secret).await.unwrap(), LinkState::Used);
        assert_eq!(accounts.link(&secret, LinkPurpose::CheckAddress).await.unwrap(), LinkState::Used);
        assert_eq!(desk.db.count("SELECT COUNT(*) AS n FROM users WHERE email_checked_at IS NOT NULL").await, 1);
        // Nothing in the database is the secret.
        assert_eq!(desk.db.row("SELECT secret_hash FROM mail_links").await.get::<String>("secret_hash").unwrap(), secret.hash());
        assert!(!desk.db.row("SELECT payload FROM jobs").await.get::<String>("payload").unwrap().contains(secret.expose()));
    }

    async fn a_confirmed_address_lets_its_mail_go_at_once(db: TestDb) {
        let desk = Desk::new(db);
        let (coach, mentee) = (desk.db.coach("cora").await, desk.db.mentee("mia").await);
        let kind = desk.kind(&coach, |_| ()).await;
        desk.book(&mentee, &coach, &kind, at("2026-11-10T12:00:00Z"), "").await;
        let letters = desk.mail().await;
        assert_eq!(letters.len(), 2, "only the two questions");
        desk.db.accounts().prove_address(&secret(&letters[1], "/verify")).await.unwrap();
        let subjects: Vec<_> = desk.mail().await.into_iter().map(|letter| letter.subject).collect();
        assert_eq!(subjects, ["Booked: Career talk with cora, Tue 10 Nov, 07:00"]);
    }

    async fn a_link_ends_after_a_day_and_the_next_one_works(db: TestDb) {
        let desk = Desk::new(db);
        let (identity, _) = desk.db.person("ada", Role::Mentee, "Europe/Paris").await;
        let [first] = desk.mail().await.try_into().unwrap();
        let accounts = desk.db.accounts();
        desk.advance(Duration::from_hours(24));
        assert_eq!(accounts.prove_address(&secret(&first, "/verify")).await.unwrap(), LinkState::Over);
        accounts.send_check(&identity, &ClientInfo::default()).await.unwrap();
        let [second] = desk.mail().await.try_into().unwrap();
        assert_ne!(first.id, second.id);
        assert!(matches!(accounts.prove_address(&secret(&second, "/verify")).await.unwrap(), LinkState::Works(_)));
        assert_eq!(accounts.link(&secret(&first, "/verify"), LinkPurpose::CheckAddress).await.unwrap(), LinkState::Used);
        accounts.send_check(&identity, &ClientInfo::default()).await.unwrap();
        assert_eq!(desk.mail().await, [], "nothing is left to be proved");
    }

    async fn a_second_try_sends_the_same_link(db: TestDb) {
        let desk = Desk::new(db);
        desk.db.person("ada", Role::Mentee, "Europe/Paris").await;
        desk.keep.say(&[Delivery::NotNow("It is down.".to_owned())]);
        let first = desk.mail().await;
        // The server was down for long: the link counts from when it was sent.
        desk.advance(Duration::from_hours(23));
        assert_eq!(desk.mail().await, first);
        desk.advance(Duration::from_hours(23));
        assert!(matches!(desk.db.accounts().prove_address(&secret(&first[0], "/verify")).await.unwrap(), LinkState::Works(_)));
    }

    async fn a_lost_password_is_chosen_anew(db: TestDb) {
        let desk = Desk::new(db);
        let (_, lost_phone) = desk.db.person("ada", Role::Mentee, "Europe/Paris").await;
        desk.db.run("UPDATE users SET email_checked_at = created_at").await;
        desk.mail().await;
        let (accounts, from) = (desk.db.accounts(), ClientInfo::default());
        for nobody in ["nobody@example.org", "no address", "\0"] {
            accounts.forgot_password(nobody, &from).await.unwrap();
        }
        assert_eq!(desk.mail().await, []);
        accounts.forgot_password(" Ada@Example.org ", &from).await.unwrap();
        desk.advance(Duration::from_mins(1));
        accounts.forgot_password("ada@example.org", &from).await.unwrap();
        let letters = desk.mail().await;
        let secrets: Vec<_> = letters.iter().map(|letter| secret(letter, "/reset")).collect();
        assert_eq!((secrets.len(), letters[0].to.as_str()), (2, "ada@example.org"));
        let short = accounts.reset_password(&secrets[0], "short").await.unwrap_err();
        assert!(matches!(short, ResetError::Invalid(ref errors) if errors.about("new_password").is_some()), "{short:?}");
        accounts.reset_password(&secrets[0], "a whole new password").await.unwrap();
        for secret in &secrets {
            let again = accounts.reset_password(secret, "yet another password").await.unwrap_err();
            assert!(matches!(again, ResetError::Link(LinkState::Used)), "{again:?}");
        }
        assert_eq!(accounts.authenticate(&lost_phone).await.unwrap(), None, "the lost phone is signed out");
        assert!(matches!(accounts.sign_in("ada@example.org", PASSWORD, &from).await, Err(SignInError::Wrong)));
        accounts.sign_in("ada@example.org", "a whole new password", &from).await.unwrap();
    }

    async fn a_link_for_a_password_ends_after_an_hour(db: TestDb) {
        let desk = Desk::new(db);
        desk.db.person("ada", Role::Mentee, "Europe/Paris").await;
        desk.db.run("UPDATE users SET email_checked_at = created_at").await;
        desk.mail().await;
        let accounts = desk.db.accounts();
        accounts.forgot_password("ada@example.org", &ClientInfo::default()).await.unwrap();
        let [letter] = desk.mail().await.try_into().unwrap();
        assert!(letter.text.contains("for 60 minutes"), "{}", letter.text);
        desk.advance(Duration::from_hours(1));
        let late = accounts.reset_password(&secret(&letter, "/reset"), "a whole new password").await.unwrap_err();
        assert!(matches!(late, ResetError::Link(LinkState::Over)), "{late:?}");
        let made_up = Secret::from_untrusted(&"A".repeat(43)).unwrap();
        let unknown = accounts.reset_password(&made_up, "a whole new password").await.unwrap_err();
        assert!(matches!(unknown, ResetError::Link(LinkState::Unknown)), "{unknown:?}");
        accounts.sign_in("ada@example.org", PASSWORD, &ClientInfo::default()).await.unwrap();
    }

    async fn an_address_that_was_never_proved_is_asked_first(db: TestDb) {
        let desk = Desk::new(db);
        desk.db.person("ada", Role::Mentee, "Europe/Paris").await;
        desk.mail().await;
        desk.advance(Duration::from_mins(1));
        desk.db.accounts().forgot_password("ada@example.org", &ClientInfo::default()).await.unwrap();
        let [letter] = desk.mail().await.try_into().unwrap();
        assert!(letter.subject.starts_with("Confirm your address"), "{}", letter.subject);
    }

    async fn mails_that_anybody_can_ask_for_are_limited(db: TestDb) {
        let desk = Desk::new(db);
        let limits = LimitSettings { mails_per_account: 2, mails_per_address: 4, ..LimitSettings::NONE };
        let accounts = accounts(desk.db.deps(), limits);
        let from = ClientInfo::new(Some([192, 0, 2, 7].into()), "");
        let ask = async |email: &str| matches!(accounts.forgot_password(email, &from).await, Err(LinkError::TooMany { .. }));
        // Counted alike whether there is an account or not.
        assert_eq!([ask("a@example.org").await, ask("A@example.org").await, ask("a@example.org").await], [false, false, true]);
        assert_eq!([ask("b@example.org").await, ask("c@example.org").await, ask("d@example.org").await], [false, false, true]);
    }

    async fn two_who_use_a_link_at_once_change_one_password(db: TestDb) {
        let desk = Desk::new(db);
        desk.db.person("ada", Role::Mentee, "Europe/Paris").await;
        desk.db.run("UPDATE users SET email_checked_at = created_at").await;
        desk.mail().await;
        let accounts = desk.db.accounts();
        accounts.forgot_password("ada@example.org", &ClientInfo::default()).await.unwrap();
        let letters = desk.mail().await;
        let secret = secret(&letters[0], "/reset");
        let (one, two) = tokio::join!(
            accounts.reset_password(&secret, "the first new password"),
            accounts.reset_password(&secret, "the second new password"),
        );
        assert!(one.is_ok() != two.is_ok(), "{one:?} {two:?}");
    }
}
