//! JSON in which no object says a member twice.
//!
//! `serde_json` keeps the last of two members of the same name; another reader may keep the first.
//! Where two programs could read a request differently it is refused.

use std::cell::{Cell, RefCell};
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use crate::decode::escape;
use crate::units::{KIB, length};
use crate::{Error, Kind};

/// The most values that a text may hold: each takes far more memory than its letters.
const MOST_VALUES: usize = 100_000;
/// The longest name of a member, in bytes: a name is repeated in pointers and messages.
const LONGEST_NAME: usize = length(4 * KIB);
/// The most duplicates that are told of, one of each item of a list.
const MOST_DUPLICATES: usize = 1000;

/// A JSON text and the members that it says twice, as JSON pointers.
#[derive(Debug)]
pub(crate) struct Parsed {
    /// The value; of two members of the same name it holds the last.
    pub(crate) value: Value,
    /// Pointers of members said twice, in the order of the text: of each item of a list the first.
    pub(crate) duplicates: Vec<String>,
}

/// Reads `text`, which may nest 127 levels deep and hold [`MOST_VALUES`].
///
/// # Errors
/// [`Kind::InvalidRequest`] where it is not UTF-8 or not JSON. The message says where, and never
/// repeats any of the text.
pub(crate) fn parse(text: &[u8]) -> crate::Result<Parsed> {
    let text = std::str::from_utf8(text).map_err(|error| {
        Error::new(
            Kind::InvalidRequest,
            format!(
                "the message is not UTF-8: byte {} is not",
                error.valid_up_to()
            ),
        )
    })?;
    let duplicates = RefCell::new(Vec::new());
    let values = Cell::new(0);
    let mut json = serde_json::Deserializer::from_str(text);
    let seed = Seed {
        path: &Path::Root,
        duplicates: &duplicates,
        values: &values,
    };
    let value = seed
        .deserialize(&mut json)
        .and_then(|value| json.end().map(|()| value))
        .map_err(|error| {
            Error::new(
                Kind::InvalidRequest,
                format!("the message is not JSON: {error}"),
            )
        })?;
    Ok(Parsed {
        value,
        duplicates: duplicates
            .into_inner()
            .into_iter()
            .map(|(_, at)| at)
            .collect(),
    })
}

/// Where a value stands, from the inside out.
enum Path<'a> {
    Root,
    Member(&'a Path<'a>, &'a str),
    Item(&'a Path<'a>, usize),
}

impl Path<'_> {
    /// The item of the outermost list that this is below, or all, where the outermost is no list.
    fn item(&self) -> Option<usize> {
        match self {
            Self::Item(Self::Root, index) => Some(*index),
            Self::Member(above, _) | Self::Item(above, _) => above.item(),
            Self::Root => None,
        }
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root => Ok(()),
            Self::Member(above, name) => write!(f, "{above}/{}", escape(name)),
            Self::Item(above, index) => write!(f, "{above}/{index}"),
        }
    }
}

#[derive(Clone, Copy)]
struct Seed<'a> {
    path: &'a Path<'a>,
    duplicates: &'a RefCell<Vec<(Option<usize>, String)>>,
    values: &'a Cell<usize>,
}

impl Seed<'_> {
    /// Notes that the member at this path is said twice.
    fn note(&self, path: &Path<'_>) {
        let item = path.item();
        let mut duplicates = self.duplicates.borrow_mut();
        let is_known = duplicates.last().is_some_and(|(last, _)| *last == item);
        if !is_known && duplicates.len() < MOST_DUPLICATES {
            duplicates.push((item, path.to_string()));
        }
    }
}

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        self.values.set(self.values.get() + 1);
        if self.values.get() > MOST_VALUES {
            let why = format!("it holds more than {MOST_VALUES} values");
            return Err(serde::de::Error::custom(why));
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        loop {
            let path = Path::Item(self.path, list.len());
            let seed = Seed {
                path: &path,
                ..self
            };
            match items.next_element_seed(seed)? {
                Some(item) => list.push(item),
                None => return Ok(Value::Array(list)),
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            if name.len() > LONGEST_NAME {
                let why = format!("the name of a member is longer than {LONGEST_NAME} bytes");
                return Err(serde::de::Error::custom(why));
            }
            let path = Path::Member(self.path, &name);
            if map.contains_key(&name) {
                self.note(&path);
            }
            let seed = Seed {
                path: &path,
                ..self
            };
            let value = members.next_value_seed(seed)?;
            map.insert(name, value);
        }
        Ok(Value::Object(map))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn members_said_twice_are_named_by_their_pointer() {
        let parsed = parse(br#"{"a": [{"b/c": 1, "b/c": 2}], "~": 1, "a": 3, "~": 1}"#).unwrap();
        assert_eq!(parsed.duplicates, ["/a/0/b~1c"]);
        assert_eq!(parsed.value, json!({"a": 3, "~": 1}));
    }

    #[test]
    fn of_each_item_of_a_list_the_first_is_named_and_no_more_than_a_thousand() {
        let parsed = parse(br#"[{"a": 1, "a": 2, "a": 3}, {}, {"b": {"c": 1, "c": 2}}]"#).unwrap();
        assert_eq!(parsed.duplicates, ["/0/a", "/2/b/c"]);
        let many = format!("[{}0]", r#"{"a": 1, "a": 2}, "#.repeat(2000));
        assert_eq!(
            parse(many.as_bytes()).unwrap().duplicates.len(),
            MOST_DUPLICATES
        );
    }

    #[test]
    fn a_text_of_too_many_values_or_with_too_long_a_name_is_refused() {
        let list = |count: usize| format!("[{}0]", "0,".repeat(count - 2));
        assert!(parse(list(MOST_VALUES).as_bytes()).is_ok());
        let error = parse(list(MOST_VALUES + 1).as_bytes()).unwrap_err();
        assert!(error.message().contains("100000 values"), "{error}");
        let named = |bytes: usize| format!("{{\"{}\": 1}}", "n".repeat(bytes));
        assert!(parse(named(LONGEST_NAME).as_bytes()).is_ok());
        let error = parse(named(LONGEST_NAME + 1).as_bytes()).unwrap_err();
        assert!(
            error.message().contains("longer than 4096 bytes"),
            "{error}"
        );
    }

    #[test]
    fn the_same_name_spelt_with_an_escape_is_the_same() {
        let parsed = parse(br#"{"a": 1, "\u0061": 2}"#).unwrap();
        assert_eq!(parsed.duplicates, ["/a"]);
    }

    #[test]
    fn what_is_not_json_is_refused_without_repeating_it() {
        let deep = "[".repeat(100_000);
        let cases: [&[u8]; 8] = [
            b"",
            b"hunter2",
            b"{\"password\": hunter2}",
            b"{\"password\": \"hunter2",
            b"\"hunter2\" \"hunter2\"",
            b"{\"password\": 1e999}",
            b"\"\xff hunter2\"",
            deep.as_bytes(),
        ];
        for text in cases {
            let error = parse(text).unwrap_err();
            assert_eq!(error.kind(), Kind::InvalidRequest);
            assert!(!error.message().contains("hunter2"), "{error}");
        }
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            ".{0,6}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 32, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                prop::collection::vec((".{0,4}", inner), 0..5)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_serde_json_writes_is_read_back(value in any_json()) {
            let parsed = parse(value.to_string().as_bytes()).unwrap();
            prop_assert_eq!(parsed.value, value);
            prop_assert!(parsed.duplicates.is_empty());
        }

        #[test]
        fn any_bytes_are_read_or_refused_as_serde_json_does(text in prop::collection::vec(any::<u8>(), 0..40)) {
            let ours = parse(&text).map(|parsed| parsed.value).ok();
            prop_assert_eq!(ours, serde_json::from_slice::<Value>(&text).ok());
        }
    }
}
