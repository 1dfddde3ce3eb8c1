//! The line of a member in a manifest.

use std::fmt;

use serde::Deserializer;
use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// The line of what is at `pointer` in the YAML `text`, or of what it would stand in.
pub(super) fn line_of(text: &str, pointer: &str) -> Option<usize> {
    let unescape = |step: &str| step.replace("~1", "/").replace("~0", "~");
    let steps: Vec<_> = pointer.split('/').skip(1).map(unescape).collect();
    let find = |end| {
        let place = Place {
            steps: &steps[..end],
        };
        let failed = place.deserialize(serde_yaml::Deserializer::from_str(text));
        failed.err()?.location().map(|place| place.line())
    };
    (1..=steps.len()).rev().find_map(find)
}

/// Where the reader of YAML is told to fail, so that it says where it was.
struct Place<'a> {
    steps: &'a [String],
}

impl<'de> DeserializeSeed<'de> for Place<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Place<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("another place")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let Some((step, rest)) = self.steps.split_first() else {
            return Err(serde::de::Error::custom("here"));
        };
        while let Some(key) = members.next_key::<String>()? {
            if key == *step {
                members.next_value_seed(Place { steps: rest })?;
            } else {
                members.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let Some((step, rest)) = self.steps.split_first() else {
            return Err(serde::de::Error::custom("here"));
        };
        let wanted = step.parse::<usize>().ok();
        for index in 0.. {
            let found = if Some(index) == wanted {
                items.next_element_seed(Place { steps: rest })?
            } else {
                items.next_element::<IgnoredAny>()?.map(|_| ())
            };
            if found.is_none() {
                break;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::line_of;

    #[test]
    fn a_member_has_the_line_that_it_stands_in_or_would() {
        let text = "driver: 1\nsteps:\n  provider:\n    add:\n      - {id: a}\n      - id: b\n        type: x\n";
        for (pointer, line) in [
            ("/driver", 1),
            ("/steps/provider/add/0/id", 5),
            ("/steps/provider/add/1/type", 7),
            ("/steps/provider/add/1/blank", 6),
        ] {
            assert_eq!(line_of(text, pointer), Some(line), "{pointer}");
        }
        assert_eq!(line_of(text, ""), None);
    }
}
