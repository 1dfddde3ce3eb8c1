//! A member of a provider's record, and what each driver reads in it.

use indexmap::IndexMap;
use serde::Serialize;

use super::row;
use crate::driver::{ProviderMeaning, ProviderMember, Registry};

/// A member, and what it is to each driver that knows it.
#[derive(Debug, Serialize)]
pub(super) struct Explained {
    name: String,
    drivers: IndexMap<String, ProviderMeaning>,
}

/// Every member that a driver reads.
pub(super) fn all(drivers: &Registry) -> Vec<Explained> {
    let explain = |member: &ProviderMember| explain(member.name, drivers);
    taken(drivers).into_iter().map(explain).collect()
}

/// Those that `words` may mean: one by any of its names, or by the variable of OpenStack's programs; one
/// that a driver refuses or passes over, too.
pub(super) fn find(words: &str, drivers: &Registry) -> Vec<Explained> {
    let last = words.rsplit('/').next().unwrap_or_default();
    let name = match last.strip_prefix("OS_") {
        Some(variable) => variable.to_lowercase(),
        None => last.to_owned(),
    };
    let taken = taken(drivers).into_iter();
    let mut found: Vec<_> = taken
        .filter(|member| member.names().any(|own| own == name))
        .map(|member| explain(member.name, drivers))
        .collect();
    if found.is_empty() {
        found.push(explain(&name, drivers));
    }
    found.retain(|explained| !explained.drivers.is_empty());
    found
}

/// Every name of every member that a driver reads.
pub(super) fn names(drivers: &Registry) -> Vec<&'static str> {
    let taken = taken(drivers).into_iter();
    taken.flat_map(ProviderMember::names).collect()
}

/// The members that the drivers read, the first driver's first, each name once.
pub(super) fn taken(drivers: &Registry) -> Vec<&'static ProviderMember> {
    let mut all: Vec<&'static ProviderMember> = Vec::new();
    let tables = drivers.own().map(|driver| driver.provider_members().taken);
    for member in tables.flatten() {
        if !all.iter().any(|other| other.name == member.name) {
            all.push(member);
        }
    }
    all
}

fn explain(name: &str, drivers: &Registry) -> Explained {
    let known = drivers.own().filter_map(|driver| {
        let meaning = driver.provider_members().known(name)?;
        Some((driver.driver_id().to_owned(), meaning))
    });
    Explained {
        name: name.to_owned(),
        drivers: known.collect(),
    }
}

impl Explained {
    /// In a line for each driver that reads it.
    pub(super) fn lines(&self) -> String {
        let place = format!("provider/{}", self.name);
        let line = |(driver, meaning): (&String, &ProviderMeaning)| match meaning {
            ProviderMeaning::Taken(member) => {
                Some(super::line(&place, &format!("{driver}: {}", member.about)))
            }
            _ => None,
        };
        self.drivers.iter().filter_map(line).collect()
    }

    /// In full.
    pub(super) fn block(&self) -> String {
        let mut text = format!("provider/{}\n", self.name);
        for (driver, meaning) in &self.drivers {
            row(&mut text, driver, &words(meaning));
            if let ProviderMeaning::Taken(member) = meaning {
                row(&mut text, "  also called", &also_called(member).join(", "));
            }
        }
        text
    }
}

/// The names of `member` besides its own.
pub(in crate::cli) fn also_called(member: &ProviderMember) -> Vec<&'static str> {
    member.names().skip(1).collect()
}

fn words(meaning: &ProviderMeaning) -> String {
    match meaning {
        ProviderMeaning::Taken(member) => member.about.to_owned(),
        ProviderMeaning::Refused(why) => format!("refuses it: {why}"),
        ProviderMeaning::PassedOver(why) => format!("passes it over: {why}"),
    }
}
