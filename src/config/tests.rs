use super::*;

fn read(env: &[(&str, &str)]) -> Result<Config, ConfigErrors> {
    Config::from_env(&env.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
}

#[test]
fn an_empty_environment_is_enough() {
    let config = read(&[("LOG", " ")]).unwrap();
    assert_eq!(config.database_url.expose(), "sqlite:data/wellmet.sqlite3");
    assert_eq!(config.public_url.origin(), "http://127.0.0.1:3000");
    assert!(!config.public_url.is_https());
    assert_eq!(config.calendar_period.as_secs(), 240);
    assert_eq!(config.site_addr.to_string(), "127.0.0.1:3000");
    assert_eq!((config.body_limit, config.limits, config.log.as_str()), (Some(262_144), LimitSettings::default(), "info"));
}

#[test]
fn everything_wrong_is_told_at_once() {
    let wrong = [
        ("DATABASE_URL", "mysql://x/y"),
        ("PUBLIC_URL", "booking.example.org"),
        ("LEPTOS_SITE_ADDR", "localhost"),
        ("SECRET_KEY", "hunter2hunter2"),
        ("TRUSTED_PROXIES", "10.0.0.0/99"),
        ("LIMIT_SIGN_IN_PER_ACCOUNT", "ten"),
        ("LIMIT_SIGN_IN_PER_ADDRESS", "-1"),
        ("LIMIT_REGISTER_PER_ADDRESS", "1.5"),
        ("LIMIT_HOLDS_PER_ADDRESS", "99999999999"),
        ("LIMIT_BODY_BYTES", "1MB"),
        ("CALENDAR_SYNC_SECONDS", "5"),
        ("SMTP_URL", "smtp://ada:hunter2@mail.example.org?tls=perhaps"),
        ("MAIL_FROM", "Wellmet"),
        ("LIMIT_MAILS_PER_ACCOUNT", "five"),
        ("LIMIT_MAILS_PER_ADDRESS", "-"),
        ("LIMIT_API_PER_TOKEN", "many"),
        ("LIMIT_API_PER_ADDRESS", "0x10"),
    ];
    let errors = read(&wrong).unwrap_err();
    let told = errors.to_string();
    assert_eq!(errors.0.len(), wrong.len(), "{told}");
    for (name, value) in wrong {
        let setting = SETTINGS.iter().copied().find(|setting| setting.name == name).unwrap();
        let line = told.lines().find(|line| line.trim_start().starts_with(name)).unwrap();
        assert!(line.contains(setting.purpose) && line.contains(setting.example), "{line}");
        assert!(!["SECRET_KEY", "SMTP_URL"].contains(&name) || !line.contains(value), "{line}");
        assert!(!line.contains("hunter2"), "{line}");
    }
}

#[test]
fn every_example_is_right() {
    let key = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";
    let example = |setting: &Setting| if setting.name.starts_with("SECRET_KEY") { key } else { setting.example };
    let examples: Vec<_> = SETTINGS.iter().map(|setting| (setting.name, example(setting))).collect();
    let config = read(&examples).unwrap();
    assert!(config.public_url.is_https());
    assert_eq!(config.secret_key.unwrap().expose(), b"01234567890123456789012345678901");
}

#[test]
fn a_mail_server_needs_a_sender() {
    let told = read(&[("SMTP_URL", "smtps://mail.example.org")]).unwrap_err().to_string();
    assert!(told.contains("MAIL_FROM: not set, but SMTP_URL is."), "{told}");
    let off = read(&[("PUBLIC_URL", "https://booking.example.org:8443")]).unwrap().mail;
    assert!(off.warning().is_some_and(|words| words.starts_with("Mail is off: ")));
    assert_eq!(off.from.email, "wellmet@booking.example.org");
    let on = read(&[("SMTP_URL", "smtps://mail.example.org"), ("MAIL_FROM", "a@b.example")]).unwrap().mail;
    assert_eq!((on.warning(), on.from.email.as_str()), (None, "a@b.example"));
}

#[test]
fn stripe_has_both_secrets_or_none_and_shows_neither() {
    assert_eq!(read(&[]).unwrap().stripe, None);
    let config = read(&[("STRIPE_SECRET_KEY", "sk_test_s3cr3t"), ("STRIPE_WEBHOOK_SECRET", "whsec_s3cr3t, whsec_former")]).unwrap();
    assert!(!format!("{config:?}").contains("s3cr3t"));
    let stripe = config.stripe.unwrap();
    assert_eq!((stripe.webhook_secrets.len(), stripe.api_url.as_str()), (2, "https://api.stripe.com"));
    let told = |env: &[(&str, &str)]| read(env).unwrap_err().to_string();
    assert!(
        told(&[("STRIPE_SECRET_KEY", "sk_live_s3cr3t"), ("STRIPE_WEBHOOK_SECRET", "whsec_s3cr3t")])
            .contains("STRIPE_SECRET_KEY: is for real money")
    );
    assert!(
        told(&[("STRIPE_SECRET_KEY", "sk_test_s3cr3t")]).contains("STRIPE_WEBHOOK_SECRET: is missing, though STRIPE_SECRET_KEY is set")
    );
    assert!(told(&[("STRIPE_WEBHOOK_SECRET", "whsec_s3cr3t")]).contains("STRIPE_SECRET_KEY: is missing"));
    let wrong = told(&[("STRIPE_SECRET_KEY", "pk_live_s3cr3t"), ("STRIPE_WEBHOOK_SECRET", "s3cr3t"), ("STRIPE_API_URL", "stripe")]);
    assert!(wrong.lines().count() == 4 && !wrong.contains("s3cr3t"), "{wrong}");
}

#[test]
fn databases_are_told_apart() {
    for good in ["sqlite:x", "sqlite://data/x?mode=rwc", "postgres://u:p@h:5432/db", "postgresql:///db?host=/run/postgresql"] {
        assert!(read(&[("DATABASE_URL", good)]).is_ok(), "{good}");
    }
    for bad in ["x.sqlite3", "sqlite:", "sqlite::memory:", "postgres://h", "postgres://h/", "postgres:x"] {
        assert!(read(&[("DATABASE_URL", bad)]).is_err(), "{bad}");
    }
}

#[test]
fn public_urls_are_origins() {
    for good in ["https://A.example/", "http://localhost:3000", "http://[::1]:3000", "https://[2001:db8::1]"] {
        assert!(read(&[("PUBLIC_URL", good)]).is_ok(), "{good}");
    }
    for bad in
        ["https://", "ftp://a.example", "https://a.example/app", "https://u@a.example", "https://a.example:x", "https://a b", "http://[1]"]
    {
        assert!(read(&[("PUBLIC_URL", bad)]).is_err(), "{bad}");
    }
    assert_eq!(read(&[("PUBLIC_URL", "https://a.example:443")]).unwrap().public_url.origin(), "https://a.example");
    assert_eq!(read(&[("PUBLIC_URL", "https://A.example/")]).unwrap().public_url.join("/login"), "https://a.example/login");
}

#[test]
fn zero_is_no_limit() {
    let config = read(&[("LIMIT_BODY_BYTES", "0"), ("LIMIT_SIGN_IN_PER_ACCOUNT", "0")]).unwrap();
    assert_eq!((config.body_limit, config.limits.sign_in_per_account), (None, 0));
}

#[test]
fn nothing_secret_is_shown() {
    let key = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE";
    let url = "postgres://wellmet:s3cr3t@x@db.example/wellmet?password=s3cr3t";
    let shown = format!("{:?}", read(&[("DATABASE_URL", url), ("SECRET_KEY", key)]).unwrap());
    assert!(shown.contains("postgres://wellmet@db.example/wellmet"), "{shown}");
    assert!(!shown.contains("s3cr3t") && !shown.contains("MDEy") && !shown.contains("48, 49"), "{shown}");
}
