//! What somebody may have meant.

use strsim::osa_distance;

/// Those of `known` that are close to `word`, the closest first, at most three.
pub(crate) fn near<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    // Names are short; anything much longer is no typing mistake, and not worth measuring.
    if word.chars().count() > 64 {
        return Vec::new();
    }
    let mut close: Vec<(usize, &str)> = known
        .into_iter()
        .map(|name| (osa_distance(word, name), name))
        .filter(|(distance, name)| *distance <= name.chars().count().div_ceil(3).min(2))
        .collect();
    close.sort_by_key(|(distance, _)| *distance);
    close.into_iter().map(|(_, name)| name).take(3).collect()
}

/// What helps whoever wrote `word`, which is none of `known`: what is close to it, or all there are.
pub(crate) fn way_out(word: &str, known: &[&str]) -> String {
    let near = near(word, known.iter().copied());
    if near.is_empty() {
        format!("there are: {}", known.join(", "))
    } else {
        format!("did you mean {}", near.join(" or "))
    }
}

/// The one of `known` that `word` is a misspelling of; stricter than [`near`], because the word may well be
/// somebody else's: a letter too many, too few, wrong or in its neighbour's place, two in long words.
pub(crate) fn near_miss<'a>(
    word: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    if word.chars().count() > 64 {
        return None;
    }
    let word = word.to_lowercase().replace('-', "_");
    let allowed = |name: &str| if name.len() < 8 { 1 } else { 2 };
    known
        .into_iter()
        .map(|name| (osa_distance(&word, name), name))
        .filter(|(distance, name)| *distance <= allowed(name))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_near_miss_is_a_slip_of_the_hand_and_not_another_word() {
        let known = ["pool", "uri", "host_ip", "flavours"];
        for (word, meant) in [
            ("host_ipp", "host_ip"),
            ("hostip", "host_ip"),
            ("HOST-IP", "host_ip"),
            ("uir", "uri"),
            ("flavuors", "flavours"),
        ] {
            assert_eq!(near_miss(word, known), Some(meant), "{word}");
        }
        for word in ["port", "url2", "hostname", "location", ""] {
            assert_eq!(near_miss(word, known), None, "{word}");
        }
    }

    #[test]
    fn the_closest_come_first_and_strangers_not_at_all() {
        let known = ["server.list", "server.create", "server.show"];
        assert_eq!(near("server.lst", known), ["server.list"]);
        assert_eq!(near("server.shwo", known)[0], "server.show");
        assert!(near("billing", known).is_empty());
    }
}
