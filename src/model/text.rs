//! Text that people type: what is kept, what is refused.

use super::FieldErrors;

/// A single line: control characters removed, white space folded, ends trimmed. Notes an error under
/// `field` when what is left is shorter than `min` or longer than `max` characters (not bytes).
pub fn clean_line(errors: &mut FieldErrors, field: &str, text: &str, min: usize, max: usize) -> String {
    let words: Vec<&str> = text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|w| !w.is_empty()).collect();
    checked(errors, field, words.join(" "), min, max)
}

/// Several lines: line ends become `\n`, other control characters go, ends trimmed. Limits as in [`clean_line`].
pub fn clean_text(errors: &mut FieldErrors, field: &str, text: &str, min: usize, max: usize) -> String {
    let unix = text.replace("\r\n", "\n").replace('\r', "\n");
    let kept: String = unix.chars().filter(|c| !c.is_control() || *c == '\n' || *c == '\t').collect();
    checked(errors, field, kept.trim().to_owned(), min, max)
}

fn checked(errors: &mut FieldErrors, field: &str, text: String, min: usize, max: usize) -> String {
    let length = text.chars().count();
    if length < min {
        errors.add(field, if min == 1 { "This is needed.".to_owned() } else { format!("At least {min} characters are needed.") });
    } else if length > max {
        errors.add(field, format!("At most {max} characters fit here; this has {length}."));
    }
    text
}

/// Whether `email` has the shape of an address that mail can be sent to (a practical subset of RFC 5321: no
/// quoting, no comments, at most 254 bytes). Whether it exists only a mail can tell.
pub fn valid_email(email: &str) -> bool {
    let Some((local, domain)) = email.rsplit_once('@') else { return false };
    let plain = |c: char| c.is_alphanumeric() || "!#$%&'*+/=?^_`{|}~.-".contains(c);
    let label = |part: &str| {
        !part.is_empty()
            && part.len() <= 63
            && part.chars().all(|c| c.is_alphanumeric() || c == '-')
            && !part.starts_with('-')
            && !part.ends_with('-')
    };
    email.len() <= 254
        && (1..=64).contains(&local.len())
        && local.chars().all(plain)
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..")
        && domain.contains('.')
        && domain.split('.').all(label)
}

/// The form of an address under which an account is found: trimmed, lower case. Two spellings that differ
/// only in case are one account.
pub fn email_key(email: &str) -> String {
    email.trim().to_lowercase()
}

/// The words of `name` as a path segment: lower-case ASCII letters and digits joined by `-`, at most 60
/// bytes, `coach` when nothing is left. Common accents lose theirs (`Zoë Müller` is `zoe-muller`).
pub fn slugify(name: &str) -> String {
    let mut slug = String::new();
    for c in name.chars().flat_map(char::to_lowercase) {
        let plain = ascii_of(c);
        if plain.is_empty() && !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
        slug.push_str(plain.as_str());
        if slug.len() >= 60 {
            break;
        }
    }
    slug.truncate(60);
    let slug = slug.trim_matches('-');
    if slug.is_empty() { "coach".to_owned() } else { slug.to_owned() }
}

/// The ASCII letters or digits that stand for `c`; empty for what separates words.
fn ascii_of(c: char) -> String {
    let plain = match c {
        'a'..='z' | '0'..='9' => return c.to_string(),
        'à'..='å' | 'ā' | 'ă' | 'ą' => "a",
        'æ' => "ae",
        'ç' | 'ć' | 'č' => "c",
        'ď' | 'đ' | 'ð' => "d",
        'è'..='ë' | 'ē' | 'ė' | 'ę' | 'ě' => "e",
        'ì'..='ï' | 'ī' | 'į' | 'ı' => "i",
        'ł' | 'ľ' => "l",
        'ñ' | 'ń' | 'ň' => "n",
        'ò'..='ö' | 'ø' | 'ō' | 'ő' => "o",
        'œ' => "oe",
        'ŕ' | 'ř' => "r",
        'ß' => "ss",
        'ś' | 'š' | 'ş' => "s",
        'ť' | 'ţ' => "t",
        'ù'..='ü' | 'ū' | 'ů' | 'ű' => "u",
        'ý' | 'ÿ' => "y",
        'ź' | 'ż' | 'ž' => "z",
        _ => "",
    };
    plain.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_lose_control_characters_and_name_limits() {
        let mut errors = FieldErrors::new();
        assert_eq!(clean_line(&mut errors, "name", " Ada\u{0}\t Lovelace\r\n", 1, 80), "Ada Lovelace");
        assert_eq!(errors, FieldErrors::new());
        clean_line(&mut errors, "name", "  ", 1, 80);
        clean_text(&mut errors, "notes", &"x".repeat(2001), 0, 2000);
        assert_eq!(errors.about("name"), Some("This is needed."));
        assert_eq!(errors.about("notes"), Some("At most 2000 characters fit here; this has 2001."));
    }

    #[test]
    fn texts_keep_their_lines() {
        let mut errors = FieldErrors::new();
        assert_eq!(clean_text(&mut errors, "bio", "a\r\nb\u{7}\rc ", 0, 10), "a\nb\nc");
    }

    #[test]
    fn addresses() {
        for good in ["a@b.example", "ada.lovelace+x@mail.example.org", "jörg@müller.example"] {
            assert!(valid_email(good), "{good}");
        }
        for bad in ["", "a", "a@", "@b.example", "a@b", "a b@c.example", ".a@b.example", "a..b@c.example", "a@-b.example", "a@b..c"] {
            assert!(!valid_email(bad), "{bad}");
        }
    }

    #[test]
    fn slugs() {
        assert_eq!(slugify("Zoë  Müller-O’Hara"), "zoe-muller-o-hara");
        assert_eq!(slugify("渡辺"), "coach");
        assert!(slugify(&"ab ".repeat(99)).len() <= 60);
    }
}
