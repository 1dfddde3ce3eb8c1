//! The `name|id` of forms' choices, as a request brings them back.

/// The name in `choice`: what stands before the last `|`, or all of it.
pub(in crate::drivers) fn name_in(choice: &str) -> &str {
    choice.rsplit_once('|').map_or(choice, |(name, _)| name)
}

/// The id in `choice`: what stands behind the last `|`, or all of it.
pub(in crate::drivers) fn id_in(choice: &str) -> &str {
    choice.rsplit_once('|').map_or(choice, |(_, id)| id)
}

#[cfg(test)]
mod tests {
    use super::{id_in, name_in};

    #[test]
    fn a_choice_has_a_name_and_an_id_and_a_plain_name_is_both() {
        assert_eq!((name_in("lan|11"), id_in("lan|11")), ("lan", "11"));
        assert_eq!((name_in("lan"), id_in("lan")), ("lan", "lan"));
        assert_eq!((name_in("a|b|11"), id_in("a|b|11")), ("a|b", "11"));
    }
}
