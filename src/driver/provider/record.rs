//! A provider's record as its driver reads it: every member under its own name, whatever it was called.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::members::{ProviderMeaning, ProviderMember, ProviderMembers};
use super::{Defaults, Provider};
use crate::decode::{decode, escape};
use crate::{Error, Kind, Result, Secret};

/// A provider whose members are known to be its driver's, or nobody's.
#[derive(Debug, Clone)]
pub(crate) struct Record {
    members: &'static ProviderMembers,
    provider: Provider,
    /// What the members say, but for the password.
    values: BTreeMap<&'static str, Value>,
    places: Places,
}

const PASSWORD: &str = "password";

/// Where the members of a provider stand that are not under their own names.
#[derive(Debug, Clone, Default)]
pub(crate) struct Places(BTreeMap<&'static str, String>);

impl Places {
    /// `error`, about the member as it was given where it is about one by its own name.
    pub(crate) fn of(&self, error: Error) -> Error {
        let name = error.field().and_then(|at| at.strip_prefix("/provider/"));
        match name.and_then(|name| self.0.get(name)).cloned() {
            Some(place) => error.with_field(place),
            None => error,
        }
    }
}

impl Record {
    /// Reads `provider` by the table `members`.
    ///
    /// # Errors
    /// [`Kind::InvalidField`] about a member that is a misspelt one of the driver's, and about one that is
    /// given twice by different names and values; [`Kind::Unsupported`] about one that is known and not
    /// served.
    pub(crate) fn read(provider: &Provider, members: &'static ProviderMembers) -> Result<Self> {
        let mut record = Self {
            members,
            provider: provider.clone(),
            values: BTreeMap::new(),
            places: Places::default(),
        };
        for member in members.taken {
            let text = text_of(&mut record.provider, member.name).and_then(|text| text.clone());
            if let Some(text) = text.filter(|text| !text.trim().is_empty()) {
                record.values.insert(member.name, Value::String(text));
            }
        }
        let empty = |secret: &Secret| secret.expose().is_empty();
        record.provider.password = record.provider.password.filter(|secret| !empty(secret));
        let mut extra = std::mem::take(&mut record.provider.extra);
        let nested = members.below.and_then(|member| {
            let value = extra.shift_remove(member.name)?;
            Some((format!("/provider/{}", member.name), value))
        });
        for (name, value) in extra {
            let pointer = format!("/provider/{}", escape(&name));
            record.add(&name, value, pointer)?;
        }
        if let Some((at, value)) = nested.filter(|(_, value)| !value.is_null()) {
            for (name, value) in decode::<Map<String, Value>>(&value, &at)? {
                let pointer = format!("{at}/{}", escape(&name));
                record.add(&name, value, pointer)?;
            }
        }
        Ok(record)
    }

    /// Whether something is said in `member`.
    pub(crate) fn has(&self, member: &ProviderMember) -> bool {
        let password = member.name == PASSWORD && self.provider.password.is_some();
        password || self.values.contains_key(member.name)
    }

    fn add(&mut self, name: &str, value: Value, pointer: String) -> Result<()> {
        match self.members.known(name) {
            Some(ProviderMeaning::Taken(member)) => return self.put(member, value, pointer),
            Some(ProviderMeaning::Refused(why)) if !says_nothing(&value) => {
                let message = format!("{name} is not served: {why}");
                return Err(Error::new(Kind::Unsupported, message).with_field(pointer));
            }
            Some(_) => {}
            None => {
                if let Some(meant) = self.members.slip(name) {
                    let message = format!(
                        "{pointer} is not a member that is taken here; did you mean {meant}"
                    );
                    return Err(Error::invalid(pointer, message));
                }
            }
        }
        self.provider.extra.insert(name.to_owned(), value);
        Ok(())
    }

    /// Puts `value` under the member's own name.
    fn put(
        &mut self,
        member: &'static ProviderMember,
        value: Value,
        pointer: String,
    ) -> Result<()> {
        if says_nothing(&value) {
            return Ok(());
        }
        let known = match (self.values.get(member.name), &self.provider.password) {
            (Some(there), _) => Some(*there == value),
            (None, Some(there)) if member.name == PASSWORD => Some(value == there.expose()),
            _ => None,
        };
        match known {
            Some(true) => return Ok(()),
            Some(false) => {
                let message = format!(
                    "{pointer} and {} say different things of the same: leave one out",
                    self.pointer(member)
                );
                return Err(Error::invalid(pointer, message));
            }
            None => {}
        }
        if member.name == PASSWORD {
            self.provider.password = Some(decode(&value, &pointer)?);
        } else if let Some(text) = text_of(&mut self.provider, member.name) {
            let Scalar(said) = decode(&value, &pointer)?;
            self.values.insert(member.name, Value::String(said.clone()));
            *text = Some(said);
        } else {
            self.values.insert(member.name, value.clone());
            self.provider.extra.insert(member.name.to_owned(), value);
        }
        if pointer != format!("/provider/{}", member.name) {
            self.places.0.insert(member.name, pointer);
        }
        Ok(())
    }

    /// Takes from `other`, which was named `at`, what is not said here, of those members that `count`.
    pub(crate) fn complete(
        &mut self,
        other: &Self,
        at: &str,
        count: impl Fn(&ProviderMember) -> bool,
    ) -> Result<()> {
        for member in self.members.taken {
            if self.has(member) || !count(member) {
                continue;
            }
            if let Some(value) = other.values.get(member.name) {
                self.put(member, value.clone(), at.to_owned())?;
            } else if member.name == PASSWORD && other.provider.password.is_some() {
                self.provider.password.clone_from(&other.provider.password);
                self.places.0.insert(member.name, at.to_owned());
            }
        }
        let (ours, theirs) = (&mut self.provider.defaults, &other.provider.defaults);
        for (ours, theirs) in [
            (&mut ours.network, &theirs.network),
            (&mut ours.sec_group, &theirs.sec_group),
            (&mut ours.image, &theirs.image),
            (&mut ours.size, &theirs.size),
        ] {
            *ours = ours.take().or_else(|| theirs.clone());
        }
        Ok(())
    }

    /// The provider, with every member under its own name.
    pub(crate) fn provider(&self) -> &Provider {
        &self.provider
    }

    /// What servers get that do not say otherwise.
    pub(crate) fn defaults(&self) -> &Defaults {
        &self.provider.defaults
    }

    /// Where `member` stands, or would stand, as a JSON pointer.
    pub(crate) fn pointer(&self, member: &ProviderMember) -> String {
        let found = self.places.0.get(member.name).cloned();
        found.unwrap_or_else(|| format!("/provider/{}", member.name))
    }

    /// Where the members stand.
    pub(crate) fn places(&self) -> &Places {
        &self.places
    }

    /// An error about the value of `member`.
    pub(crate) fn invalid(&self, member: &ProviderMember, message: impl Into<String>) -> Error {
        Error::invalid(self.pointer(member), message)
    }

    /// The text `member`, without white space around it; `None` where it is absent or blank.
    pub(crate) fn text(&self, member: &ProviderMember) -> Result<Option<String>> {
        let text = self.setting::<Scalar>(member)?.map(|scalar| scalar.0);
        let text = text
            .map(|text| text.trim().to_owned())
            .filter(|text| !text.is_empty());
        one_line(text.as_deref(), &self.pointer(member))?;
        Ok(text)
    }

    /// The first of `members` that is there, and which it is.
    pub(crate) fn first(
        &self,
        members: &[&'static ProviderMember],
    ) -> Result<Option<(String, &'static ProviderMember)>> {
        for member in members {
            if let Some(text) = self.text(member)? {
                return Ok(Some((text, member)));
            }
        }
        Ok(None)
    }

    /// The secret `member`; `None` where it is absent or empty.
    pub(crate) fn secret(&self, member: &ProviderMember) -> Result<Option<Secret>> {
        if member.name == PASSWORD {
            return Ok(self.provider.password.clone());
        }
        self.setting(member)
    }

    /// The truth value `member`, in any of the forms that YAML and variables have for one.
    pub(crate) fn flag(&self, member: &ProviderMember) -> Result<Option<bool>> {
        match self.setting::<Value>(member)? {
            None => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(flag)),
            Some(Value::String(text)) if truth(&text).is_some() => Ok(truth(&text)),
            Some(_) => Err(self.invalid(member, format!("{} takes true or false", member.name))),
        }
    }

    /// The time span `member` in seconds, 1 to 86400; `default` where it is absent.
    pub(crate) fn seconds(&self, member: &ProviderMember, default: u64) -> Result<Duration> {
        let given = self.setting::<Scalar>(member)?;
        let value = match given {
            None => Some(default),
            Some(scalar) => scalar.0.parse().ok(),
        };
        match value {
            Some(value) if (1..=86_400).contains(&value) => Ok(Duration::from_secs(value)),
            _ => {
                let message = format!("{} takes 1 to 86400 seconds", member.name);
                Err(self.invalid(member, message))
            }
        }
    }

    /// The member `member` as a `T`; `None` where it is absent or null.
    pub(crate) fn setting<T: DeserializeOwned>(
        &self,
        member: &ProviderMember,
    ) -> Result<Option<T>> {
        let value = self.values.get(member.name);
        value
            .map(|value| decode(value, &self.pointer(member)))
            .transpose()
    }
}

/// A text that YAML may have taken for a whole number.
struct Scalar(String);

impl<'de> serde::Deserialize<'de> for Scalar {
    fn deserialize<D: serde::Deserializer<'de>>(
        deserializer: D,
    ) -> std::result::Result<Self, D::Error> {
        struct Visitor;
        impl serde::de::Visitor<'_> for Visitor {
            type Value = Scalar;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a string")
            }

            fn visit_str<E>(self, text: &str) -> std::result::Result<Scalar, E> {
                Ok(Scalar(text.to_owned()))
            }

            fn visit_u64<E>(self, number: u64) -> std::result::Result<Scalar, E> {
                Ok(Scalar(number.to_string()))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

/// Whether a member with this value may as well be absent.
fn says_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

/// A truth value as YAML or a variable has it.
fn truth(text: &str) -> Option<bool> {
    match text.trim().to_lowercase().as_str() {
        "true" | "1" | "yes" | "on" => Some(true),
        "false" | "0" | "no" | "off" => Some(false),
        _ => None,
    }
}

/// The texts that every provider has a place of its own for.
fn text_of<'a>(provider: &'a mut Provider, name: &str) -> Option<&'a mut Option<String>> {
    Some(match name {
        "username" => &mut provider.username,
        "location" => &mut provider.location,
        "host_ip" => &mut provider.host_ip,
        "host_protocol" => &mut provider.host_protocol,
        "uri" => &mut provider.uri,
        "tenant" => &mut provider.tenant,
        "region" => &mut provider.region,
        _ => return None,
    })
}

/// Refuses what cannot be on one line: it would end up in headers, files and logs.
pub(crate) fn one_line(text: Option<&str>, field: &str) -> Result<()> {
    match text {
        Some(text) if text.contains(char::is_control) => Err(Error::invalid(
            field,
            "the value holds a control character, such as a line break",
        )),
        _ => Ok(()),
    }
}
