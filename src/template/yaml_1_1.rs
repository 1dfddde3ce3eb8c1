//! Where YAML 1.1, as Salt's `PyYAML` reads it, and YAML 1.2, as this program reads it, disagree.

/// Whether `text`, unquoted, is a boolean or null to some reader of YAML, in any spelling.
pub(super) fn is_word(text: &str) -> bool {
    matches!(
        text.to_ascii_lowercase().as_str(),
        "y" | "n" | "yes" | "no" | "on" | "off" | "true" | "false" | "null" | "~"
    )
}

/// The first plain scalar in `text`, with its line, that the two read differently: `yes`, `0755`,
/// `1:30`, `1_000`, `2026-01-02`, `1e3`.
///
/// It looks at what follows `key:` and `-` on each line; what stands in flow lists is not looked at.
pub(crate) fn find_ambiguous(text: &str) -> Option<(usize, &str)> {
    text.lines().enumerate().find_map(|(number, line)| {
        let plain = plain_scalar(line)?;
        differs(plain).then_some((number + 1, plain))
    })
}

/// The same, in flow mappings and lists too; text in quotes is not looked at.
pub(crate) fn find_ambiguous_in_flow(text: &str) -> Option<(usize, &str)> {
    find_ambiguous(text).or_else(|| {
        text.lines().enumerate().find_map(|(number, line)| {
            let line = line.split(" #").next()?;
            let mut quote = None;
            let mut pieces = line.split(|c| {
                match (quote, c) {
                    (None, '"' | '\'') => quote = Some(c),
                    (Some(open), _) if open == c => quote = None,
                    _ => {}
                }
                quote.is_none() && ",[]{}".contains(c)
            });
            let first = pieces.next()?;
            let within = std::iter::once(first)
                .chain(pieces)
                .filter(|piece| piece.len() < line.len());
            let plain = within
                .filter_map(plain_scalar)
                .find(|plain| differs(plain))?;
            Some((number + 1, plain))
        })
    })
}

fn plain_scalar(line: &str) -> Option<&str> {
    let mut rest = line.trim();
    if rest.starts_with('#') {
        return None;
    }
    while let Some(item) = rest.strip_prefix("- ") {
        rest = item.trim_start();
    }
    if let Some((_, value)) = rest.split_once(": ") {
        rest = value.trim_start();
    }
    let plain = rest.split(" #").next().unwrap_or_default().trim_end();
    (!plain.is_empty()).then_some(plain)
}

fn differs(plain: &str) -> bool {
    if matches!(
        plain.to_ascii_lowercase().as_str(),
        "yes" | "no" | "on" | "off"
    ) {
        return true;
    }
    let number = plain.strip_prefix(['-', '+']).unwrap_or(plain);
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !number.starts_with(|c: char| c.is_ascii_digit()) {
        return false;
    }
    let octal =
        number.len() > 1 && number.starts_with('0') && (digits(number) || number.starts_with("0o"));
    let grouped = number.contains('_')
        && number
            .bytes()
            .all(|byte| byte.is_ascii_digit() || b"_.".contains(&byte));
    let base_60 = number.contains(':')
        && number
            .split(':')
            .all(|part| digits(part.split('.').next().unwrap_or_default()));
    let date = {
        let mut parts = number.get(..10).unwrap_or(number).split('-');
        let lengths = [parts.next(), parts.next(), parts.next()]
            .map(|part| part.filter(|part| digits(part)).map(str::len));
        matches!(lengths, [Some(4), Some(1 | 2), Some(1 | 2)])
    };
    let exponent = number
        .split_once(['e', 'E'])
        .is_some_and(|(mantissa, exponent)| {
            let power = exponent.strip_prefix(['-', '+']);
            digits(&mantissa.replace('.', ""))
                && digits(power.unwrap_or(exponent))
                && (power.is_none() || !mantissa.contains('.'))
        });
    octal || grouped || base_60 || date || exponent
}

#[cfg(test)]
mod tests {
    use super::{find_ambiguous, find_ambiguous_in_flow};

    #[test]
    fn finds_what_pyyaml_reads_otherwise() {
        for plain in [
            "yes",
            "No",
            "OFF",
            "0755",
            "0o17",
            "1:30",
            "10:20:30",
            "1_000",
            "2026-01-02",
            "1e3",
            "1.5e3",
        ] {
            let text = format!("a:\n  b: {plain}  # why\n");
            assert_eq!(find_ambiguous(&text), Some((2, plain)), "{plain}");
            assert_eq!(
                find_ambiguous(&format!("- {plain}")),
                Some((1, plain)),
                "{plain}"
            );
        }
    }

    #[test]
    fn finds_it_in_flow_mappings_and_lists_but_not_in_quotes() {
        for text in ["a: [x, yes]", "a: {b: no, c: 1}", "- {a: 0755}"] {
            assert!(find_ambiguous_in_flow(text).is_some(), "{text}");
        }
        for text in [
            "a: [x, \"yes\"]",
            "a: {b: 'no, 0755'}",
            "a: {b: true} # [yes]",
        ] {
            assert_eq!(find_ambiguous_in_flow(text), None, "{text}");
        }
    }

    #[test]
    fn lets_the_rest_be() {
        for plain in [
            "true",
            "12",
            "-3.5",
            "1.5e+3",
            "10.0.0.1",
            "http://h:5000/v3",
            "\"yes\"",
            "'no'",
            "0",
            "a_b",
            "ubuntu-22.04",
            "2001:db8::1",
            "null",
            "16514",
        ] {
            assert_eq!(find_ambiguous(&format!("b: {plain}")), None, "{plain}");
        }
        assert_eq!(find_ambiguous("# a: yes\n"), None);
    }
}
