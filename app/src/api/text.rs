//! Text in what is sent. Control characters are refused rather than taken out: a program that sends them has gone wrong. The patterns in
//! the document say the same.

use wellmet::model::FieldErrors;

/// Notes under `field` when `text` has more than `most` characters or one that does not belong on a single line. A last line end is let
/// pass: it is dropped with the spaces.
pub(super) fn line(errors: &mut FieldErrors, field: &str, text: &str, most: usize) {
    let within = text.strip_suffix('\n').unwrap_or(text);
    check(errors, field, text, most, within.chars().any(char::is_control));
}

/// As [`line`], for text of several lines.
pub(super) fn lines(errors: &mut FieldErrors, field: &str, text: &str, most: usize) {
    check(errors, field, text, most, text.chars().any(|char| char.is_control() && !matches!(char, '\n' | '\r' | '\t')));
}

/// Notes under `field` when `text` has more than `most` characters, whatever they are: for text that is compared and never kept.
pub(super) fn fits(errors: &mut FieldErrors, field: &str, text: &str, most: usize) {
    check(errors, field, text, most, false);
}

fn check(errors: &mut FieldErrors, field: &str, text: &str, most: usize, control: bool) {
    let length = text.chars().count();
    if length > most {
        errors.add(field, format!("At most {most} characters fit here; this has {length}."));
    } else if control {
        errors.add(field, "There are control characters in it.");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_belong_is_named() {
        let wrong = |check: fn(&mut FieldErrors, &str, &str, usize), text: &str| {
            let mut errors = FieldErrors::new();
            check(&mut errors, "name", text, 5);
            errors.about("name").is_some()
        };
        for (text, on_a_line, on_lines) in [
            ("åäö€x", false, false),
            ("abcdef", true, true),
            ("a\0", true, true),
            ("a\nb", true, false),
            ("a\tb", true, false),
            ("ab\n", false, false),
            ("\u{9f}", true, true),
        ] {
            assert_eq!((wrong(line, text), wrong(lines, text)), (on_a_line, on_lines), "{text:?}");
        }
    }
}
