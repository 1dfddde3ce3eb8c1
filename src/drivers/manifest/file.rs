//! A manifest as it stands in its file.

use std::fmt;

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use crate::driver::{Action, FieldType, Format};

/// A driver in a page: what differs from the base driver, which does all else by Salt's own salt-cloud.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ManifestFile {
    /// The version of this format: 1.
    pub(super) driver: u64,
    /// The driver's name for people; its id is the file's name.
    pub(super) name: String,
    /// What it needs on the Salt master.
    #[serde(default)]
    pub(super) needs: Needs,
    /// Its steps, against the base steps `provider`, `network` and `image`. Any other name is a further
    /// step, which is shown after those.
    #[serde(default)]
    pub(super) steps: IndexMap<String, StepEntry>,
    /// Salt's provider configuration, with `VAR_X` for the field `x`.
    pub(super) provider: Map<String, Value>,
    /// Salt's profile configuration, with `VAR_X` for the field `x`.
    pub(super) profile: Map<String, Value>,
    /// What a server has beside the protocol's own members.
    #[serde(default)]
    pub(super) server: Vec<FieldEntry>,
    /// What salt-cloud can do to a server, beside deleting it.
    #[serde(default)]
    pub(super) actions: Vec<Action>,
}

/// What a driver needs on the Salt master.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Needs {
    /// Salt's cloud driver, such as `ec2`.
    #[serde(default)]
    pub(super) salt_driver: Option<String>,
}

/// A step: what differs from the base step of its name, or `false` where there is none.
#[derive(Debug, JsonSchema)]
#[schemars(untagged)]
pub(crate) enum StepEntry {
    /// `false`: the step is gone.
    Gone(#[schemars(with = "bool")] Gone),
    /// What differs.
    Changed(Box<StepChange>),
}

/// There is no such step.
#[derive(Debug)]
pub(crate) struct Gone;

/// What differs from a base step; a further step has only a name and fields to add.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct StepChange {
    /// Its heading.
    #[serde(default)]
    pub(super) name: Option<String>,
    /// The ids of fields that are not asked for.
    #[serde(default)]
    pub(super) remove: Vec<String>,
    /// What is different of fields, by their ids.
    #[serde(default)]
    pub(super) change: IndexMap<String, FieldEntry>,
    /// Further fields.
    #[serde(default)]
    pub(super) add: Vec<FieldEntry>,
}

/// A field, or what is different of one.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FieldEntry {
    /// Its id: lower case letters, digits and `_`. The field `x` gives `VAR_X`.
    #[serde(default)]
    pub(super) id: Option<String>,
    /// What a person reads.
    #[serde(default)]
    pub(super) name: Option<String>,
    /// How it is shown.
    #[serde(default, rename = "type")]
    pub(super) field_type: Option<FieldType>,
    /// Whether it may stay empty.
    #[serde(default)]
    pub(super) blank: Option<bool>,
    /// Whether its value is not to be shown.
    #[serde(default)]
    pub(super) secret: Option<bool>,
    /// What it is where nothing is entered: text, a number, or true or false.
    #[serde(default)]
    pub(super) default: Option<Value>,
    /// What its text must be.
    #[serde(default)]
    pub(super) format: Option<Format>,
    /// Where its choices come from.
    #[serde(default)]
    #[schemars(with = "Option<Choices>")]
    pub(super) choices: Option<Value>,
}

/// Where the choices of a field come from, for the schema: what is wrong with them is said by the check.
#[derive(JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "it is the schema's only")]
enum Choices {
    /// A list of them.
    List(Vec<ChoiceEntry>),
    /// Salt, or a program.
    Source(SourceEntry),
}

#[derive(JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "it is the schema's only")]
enum ChoiceEntry {
    Text(String),
    Number(i64),
    Flag(bool),
    Titled { r#const: String, title: String },
}

/// One of the two.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SourceEntry {
    /// `images`, `sizes` or `locations`, or a function of Salt's cloud driver.
    #[serde(default, rename = "salt-cloud")]
    pub(super) salt_cloud: Option<String>,
    /// A program and its arguments. It reads the provider so far as JSON and prints a JSON array.
    #[serde(default)]
    pub(super) command: Option<Vec<String>>,
}

/// serde's own way with two forms says of a wrong one that neither fits; this names the wrong member.
impl<'de> Deserialize<'de> for StepEntry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Forms;

        impl<'de> Visitor<'de> for Forms {
            type Value = StepEntry;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object, or false for no such step")
            }

            fn visit_bool<E: serde::de::Error>(self, there: bool) -> Result<StepEntry, E> {
                if there {
                    return Err(E::custom("it is there unless it is false: leave it out"));
                }
                Ok(StepEntry::Gone(Gone))
            }

            fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<StepEntry, A::Error> {
                StepChange::deserialize(MapAccessDeserializer::new(members))
                    .map(|step| StepEntry::Changed(Box::new(step)))
                    .map_err(A::Error::custom)
            }
        }

        deserializer.deserialize_any(Forms)
    }
}
