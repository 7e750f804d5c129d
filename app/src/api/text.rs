//! Text of one line in what is sent. Control characters are refused rather than taken out: a program that sends them has gone wrong. The
//! patterns in the document say the same. For text of several lines see [`super::moment::check_text`].

use wellmet::model::FieldErrors;

/// Notes under `field` when `text` has more than `most` characters or one that does not belong on a single line. A last line end is let
/// pass: it is dropped with the spaces.
pub(super) fn line(errors: &mut FieldErrors, field: &str, text: &str, most: usize) {
    fits(errors, field, text, most);
    if errors.about(field).is_none() && text.strip_suffix('\n').unwrap_or(text).contains(char::is_control) {
        errors.add(field, "There are control characters in it.");
    }
}

/// Notes under `field` when `text` has more than `most` characters, whatever they are: for text that is compared and never kept.
pub(super) fn fits(errors: &mut FieldErrors, field: &str, text: &str, most: usize) {
    let length = text.chars().count();
    if length > most {
        errors.add(field, format!("At most {most} characters fit here; this has {length}."));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_belong_is_named() {
        for (text, wrong) in
            [("åäö€x", false), ("abcdef", true), ("a\0", true), ("a\nb", true), ("a\tb", true), ("ab\n", false), ("\u{9f}", true)]
        {
            let mut errors = FieldErrors::new();
            line(&mut errors, "name", text, 5);
            assert_eq!(errors.0.len(), usize::from(wrong), "{text:?}");
        }
    }
}
