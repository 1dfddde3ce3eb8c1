//! `provider.import`: providers of Salt's former drivers and of `va_master`, as ours.
//!
//! What a member means is said by the tables of [`ProviderMembers`] alone.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::decode::decode;
use crate::driver::{Context, Driver, Provider, ProviderMeaning, ProviderMembers};
use crate::rpc::Service;
use crate::salt::{ConfigKind, Planned, plan_config, read_provider, write_config};
use crate::template::to_yaml_block;
use crate::{Error, Kind, Result};

/// Former drivers of Salt's whose successor has another name.
const SUCCESSORS: &[(&str, &str)] = &[("nova", "openstack")];
/// The members that say whose a provider is; the last is a name that Salt gave up long ago.
const DRIVER: &[&str] = &["driver", "driver_name", "driver_id", "provider"];
const NAME: &str = "provider_name";
const EXTENDS: &str = "extends";

/// What `provider.import` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::rpc) struct ProvidersParams {
    /// Providers by their names, as in a file of Salt's; or one record, as `va_master` stores it.
    providers: Map<String, Value>,
    /// Salt's configuration directory, into which they are written; `/etc/salt` when absent, or what the
    /// program was told.
    #[serde(default)]
    config_dir: Option<PathBuf>,
    /// Whether only to tell what would be written.
    #[serde(default)]
    dry_run: bool,
}

/// What `provider.import` answers.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::rpc) struct ProvidersImported {
    /// Whether nothing was written.
    dry_run: bool,
    /// What became of each provider.
    providers: Vec<Imported>,
}

/// What became of a provider.
#[derive(Debug, Default, Serialize, JsonSchema)]
struct Imported {
    /// Its name, which stays.
    provider_name: String,
    /// The driver that it has now, as Salt calls it.
    #[serde(skip_serializing_if = "Option::is_none")]
    driver: Option<String>,
    /// Its file.
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<PathBuf>,
    /// The members that are as they were.
    taken: Vec<String>,
    /// Those that are as they were and that no driver reads: Salt does, or they are for its servers.
    kept: Vec<String>,
    /// Those that have another name now.
    changed: Vec<Renamed>,
    /// Those that are left out, and why.
    not_taken: Vec<LeftOut>,
    /// Why the whole of it is not taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    refused: Option<String>,
}

/// A member that has another name now.
#[derive(Debug, Serialize, JsonSchema)]
struct Renamed {
    /// What it was called.
    member: String,
    /// What it is called.
    becomes: String,
}

/// A member that is left out.
#[derive(Debug, Serialize, JsonSchema)]
struct LeftOut {
    /// The member.
    member: String,
    /// Why.
    why: String,
}

pub(super) fn import(
    service: &Service,
    cx: &Context,
    params: ProvidersParams,
) -> Result<ProvidersImported> {
    let dir = params.config_dir.as_deref().unwrap_or(&cx.salt_config_dir);
    let all = by_name(params.providers);
    if all.is_empty() {
        return Err(Error::invalid("/providers", "there is no provider in it"));
    }
    let mut providers = Vec::new();
    for name in all.keys() {
        let mut imported = Imported {
            provider_name: name.clone(),
            ..Imported::default()
        };
        // another one's fault is not this one's
        if let Err(error) = imported.import(service, &all, dir, params.dry_run) {
            imported.refused = Some(error.message().to_owned());
            imported.file = None;
        }
        providers.push(imported);
    }
    Ok(ProvidersImported {
        dry_run: params.dry_run,
        providers,
    })
}

/// The providers by their names; a lone record names itself.
fn by_name(said: Map<String, Value>) -> Map<String, Value> {
    let lone = DRIVER
        .iter()
        .any(|name| said.get(*name).is_some_and(Value::is_string));
    if !lone {
        return said;
    }
    let name = said.get(NAME).and_then(Value::as_str).unwrap_or_default();
    Map::from_iter([(name.to_owned(), Value::Object(said.clone()))])
}

impl Imported {
    fn import(
        &mut self,
        service: &Service,
        all: &Map<String, Value>,
        dir: &Path,
        dry_run: bool,
    ) -> Result<()> {
        let (details, driver) = self.details(service, all)?;
        let members = self.members(details, &*driver);
        let mut record = members.clone();
        record.insert("driver_name".to_owned(), json!(driver.driver_id()));
        record.insert(NAME.to_owned(), json!(self.provider_name));
        let provider: Provider = decode(&Value::Object(record), "/provider")?;
        driver.check_provider(&provider)?;

        let salts = format!("va_{}", driver.driver_id());
        let mut conf = Map::from_iter([("driver".to_owned(), json!(salts))]);
        conf.extend(members);
        let text = to_yaml_block(&json!({&self.provider_name: conf}))?;
        // whose profiles they are is known, too, where the file is there already
        self.driver = Some(salts);
        self.write(dir, &text, dry_run)
    }

    /// What is said of the provider, by itself and by those that it extends, and the driver that is to have
    /// it: of several under one name the first that has a successor.
    fn details(
        &mut self,
        service: &Service,
        all: &Map<String, Value>,
    ) -> Result<(Map<String, Value>, Arc<dyn Driver>)> {
        let mut found = None;
        let nothing = Error::new(Kind::InvalidField, "it is no mapping that names a driver");
        let mut why = nothing;
        for part in parts(all, &self.provider_name) {
            let details = extended(part, all, 0)?;
            let former = driver_of(&details).unwrap_or_default().to_owned();
            match successor(service, &former) {
                Ok(driver) if found.is_none() => found = Some((details, driver)),
                Ok(_) => self.leave_out(&former, "another driver's part of this provider"),
                Err(error) => {
                    if parts(all, &self.provider_name).count() > 1 {
                        self.leave_out(&former, error.message());
                    }
                    why = error;
                }
            }
        }
        found.ok_or(why)
    }

    /// The members under their own names, those of a nested mapping (`auth`) beside the others.
    fn members(&mut self, details: Map<String, Value>, driver: &dyn Driver) -> Map<String, Value> {
        let table = driver.provider_members();
        // a dashboard keeps lists of choices under the names by which Salt's providers speak to servers
        let stored = details.contains_key("driver_name") || details.contains_key("driver_id");
        let mut taken = Map::new();
        for (name, value) in details {
            if DRIVER.contains(&name.as_str()) || name == NAME || name == EXTENDS {
                continue;
            }
            match (table.below, value) {
                (Some(below), Value::Object(nested)) if below.name == name => {
                    for (inner, value) in nested {
                        self.member(
                            &mut taken,
                            table,
                            (&format!("{name}/{inner}"), &inner),
                            value,
                            stored,
                        );
                    }
                }
                (_, value) => self.member(&mut taken, table, (&name, &name), value, stored),
            }
        }
        taken
    }

    /// A member `name`, which stands at `place`.
    fn member(
        &mut self,
        taken: &mut Map<String, Value>,
        table: &ProviderMembers,
        (place, name): (&str, &str),
        value: Value,
        stored: bool,
    ) {
        let mut known = None;
        match table.known(name) {
            // Salt's own word, for how it reaches the guest
            Some(_) if name == "protocol" && (value == "ipv4" || value == "ipv6") => {
                return self.leave_out(place, "addresses of both kinds are learned");
            }
            Some(ProviderMeaning::Taken(member)) => known = Some(member.name),
            Some(ProviderMeaning::Refused(why)) => return self.leave_out(place, why),
            Some(ProviderMeaning::PassedOver(why))
                if stored || !ProviderMembers::is_servers(name) =>
            {
                return self.leave_out(place, why);
            }
            _ => {
                if let Some(meant) = table.slip(name) {
                    let why = format!("it is not known here; was {meant} meant?");
                    return self.leave_out(place, &why);
                }
            }
        }
        let own = known.unwrap_or(name);
        match taken.get(own) {
            Some(other) if *other != value => {
                let why = format!("{own} is said already, by another name and otherwise");
                return self.leave_out(place, &why);
            }
            Some(_) => return,
            None => taken.insert(own.to_owned(), value),
        };
        match known {
            None => self.kept.push(place.to_owned()),
            Some(own) if own == place => self.taken.push(place.to_owned()),
            Some(own) => self.changed.push(Renamed {
                member: place.to_owned(),
                becomes: own.to_owned(),
            }),
        }
    }

    fn leave_out(&mut self, member: &str, why: &str) {
        self.not_taken.push(LeftOut {
            member: member.to_owned(),
            why: why.to_owned(),
        });
    }

    /// Writes the provider's file; never over another, nor beside one that has the same name.
    fn write(&mut self, dir: &Path, text: &str, dry_run: bool) -> Result<()> {
        let name = &self.provider_name;
        let (path, planned) = plan_config(dir, ConfigKind::Providers, name, text, false)?;
        let there = match read_provider(dir, name) {
            Err(error) if error.kind() == Kind::NotFound => false,
            Ok(_) | Err(_) => true,
        };
        if planned != Planned::Same && there {
            let message = format!(
                "{} has a provider {name} already: write into another config_dir, or take that one out",
                dir.display()
            );
            return Err(Error::new(Kind::AlreadyExists, message));
        }
        if !dry_run {
            write_config(dir, ConfigKind::Providers, name, text, false)?;
        }
        self.file = Some(path);
        Ok(())
    }
}

/// What is said of `name`: a mapping, or one for each of several drivers.
fn parts<'a>(
    all: &'a Map<String, Value>,
    name: &str,
) -> impl Iterator<Item = &'a Map<String, Value>> + use<'a> {
    let entries = match all.get(name) {
        Some(Value::Array(entries)) => entries.as_slice(),
        Some(single) => std::slice::from_ref(single),
        None => &[],
    };
    entries.iter().filter_map(Value::as_object)
}

/// `part` with what it does not say itself from those that it extends, member by member as Salt does it.
fn extended(
    part: &Map<String, Value>,
    all: &Map<String, Value>,
    depth: usize,
) -> Result<Map<String, Value>> {
    let Some(named) = part.get(EXTENDS) else {
        return Ok(part.clone());
    };
    let missing = || {
        let message =
            format!("what it extends, {named}, is not among what was given, or extends it");
        Error::new(Kind::NotFound, message)
    };
    let named = named.as_str().ok_or_else(missing)?;
    let (alias, driver) = match named.split_once(':') {
        Some((alias, driver)) => (alias, Some(driver)),
        None => (named, None),
    };
    let mut bases = parts(all, alias).filter(|base| driver.is_none() || driver_of(base) == driver);
    let base = bases
        .next()
        .filter(|_| depth < all.len())
        .ok_or_else(missing)?;
    let mut whole = extended(base, all, depth + 1)?;
    for (name, value) in part {
        match (whole.get_mut(name), value) {
            (Some(Value::Object(there)), Value::Object(own)) => there.extend(own.clone()),
            _ => drop(whole.insert(name.clone(), value.clone())),
        }
    }
    Ok(whole)
}

fn driver_of(details: &Map<String, Value>) -> Option<&str> {
    let mut said = DRIVER.iter().filter_map(|name| details.get(*name));
    said.find_map(Value::as_str)
}

/// Ours that takes the place of the driver `former`.
fn successor(service: &Service, former: &str) -> Result<Arc<dyn Driver>> {
    if former.starts_with("va_") {
        let message = format!("{former} is va-driver's own already");
        return Err(Error::new(Kind::AlreadyExists, message));
    }
    let renamed = SUCCESSORS.iter().find(|(name, _)| *name == former);
    let id = renamed.map_or(former, |(_, id)| id);
    service.registry().get(id, "/providers")
}

#[cfg(test)]
mod tests;
