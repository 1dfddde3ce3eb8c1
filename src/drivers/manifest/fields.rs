//! The fields of a manifest: of its steps, and of its servers.

use super::choices::{self, Offered, Source};
use super::field_text::text_of;
use super::file::FieldEntry;
use crate::driver::members::{Member, server_members};
use crate::driver::{Field, FieldType, ProviderMembers, Step, base};
use crate::{Error, Result};

/// What a provider's record holds beside fields, so that no field can be called so.
const RECORD: [&str; 9] = [
    "driver",
    "driver_id",
    "driver_name",
    "va_driver",
    "defaults",
    "servers",
    "flavours",
    "uri",
    "profile_name",
];
/// The fields whose choices the base asks Salt for.
const LISTED: [&str; 4] = ["network", "sec_group", "image", "size"];

/// The server fields that `entries` describe, beside the `steps`.
pub(super) fn server(entries: &[FieldEntry], steps: &[Step]) -> Result<Vec<Field>> {
    let mut all: Vec<Field> = Vec::new();
    for (index, entry) in entries.iter().enumerate() {
        let at = format!("/server/{index}");
        let field = new(entry, &at)?;
        let id = field.id.as_str();
        let twice = |message: String| Err(Error::invalid(format!("{at}/id"), message));
        let mut members = server_members()
            .iter()
            .filter(|member| !member.path.contains('/'));
        if members.any(|member| Member::names(member).any(|name| name == id)) {
            return twice(format!(
                "every server may have {id} already: leave it out here, and use VAR_{}",
                id.to_uppercase()
            ));
        }
        if all.iter().any(|other| other.id == id) {
            return twice(format!("there are two server fields {id}"));
        }
        if has(steps, id) {
            return twice(format!(
                "a step has a field {id} too, and both would be VAR_{}: give one another id",
                id.to_uppercase()
            ));
        }
        if id == "server" || id == "provider" {
            return twice(format!(
                "{id} is a member of every request: give it another id"
            ));
        }
        let (field, source) = described(entry, field, &at)?;
        if source.is_some() || field.field_type == FieldType::Description {
            let message = "a server field takes text or a list of choices";
            return Err(Error::invalid(at, message));
        }
        all.push(field);
    }
    Ok(all)
}

/// The field that `entry` adds, which has its id and name only.
pub(super) fn new(entry: &FieldEntry, at: &str) -> Result<Field> {
    let Some(id) = &entry.id else {
        return Err(Error::invalid(at, "the field has no id"));
    };
    let tail = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    let is_id = id.starts_with(|c: char| c.is_ascii_lowercase()) && id.len() <= 64;
    if !is_id || !id.chars().all(tail) {
        let message = "an id is lower case letters, digits and `_`, at most 64 of them, for VAR_X to be made of \
                       it; what a person reads goes into name";
        return Err(Error::invalid(format!("{at}/id"), message));
    }
    let name = id.replace('_', " ");
    let name = name[..1].to_uppercase() + &name[1..];
    Ok(Field::new(id, &name, FieldType::Str, false))
}

/// Checks that a step's new field may be called `id`, where `earlier` steps are there.
pub(super) fn check_step_id<'a>(
    id: &str,
    earlier: impl Iterator<Item = &'a Step>,
    at: &str,
) -> Result<()> {
    let refuse = |message: String| Err(Error::invalid(format!("{at}/id"), message));
    if earlier
        .flat_map(|step| &step.fields)
        .any(|field| field.id == id)
    {
        return refuse(format!(
            "there is a field {id} already; `change` changes it"
        ));
    }
    let passed_over = ProviderMembers::PASSED_OVER.iter().map(|other| other.name);
    let of_base = base::steps();
    let in_base = has(&of_base, id);
    let is_servers = server_members().iter().any(|member| member.path == id);
    let synonym = base::MEMBERS
        .taken(id)
        .is_some_and(|member| member.name != id);
    if RECORD.into_iter().chain(passed_over).any(|name| name == id)
        || synonym
        || (is_servers && !in_base)
    {
        return refuse(format!(
            "{id} is a word of the protocol's own, or VAR_{} another thing: give it another id",
            id.to_uppercase()
        ));
    }
    Ok(())
}

fn has(steps: &[Step], id: &str) -> bool {
    steps
        .iter()
        .flat_map(|step| &step.fields)
        .any(|field| field.id == id)
}

/// `field` as `entry` describes it, and where its choices come from, if they are asked for.
pub(super) fn described(
    entry: &FieldEntry,
    mut field: Field,
    at: &str,
) -> Result<(Field, Option<Source>)> {
    let invalid =
        |member: &str, message: String| Err(Error::invalid(format!("{at}/{member}"), message));
    if let Some(name) = &entry.name {
        field.name.clone_from(name);
    }
    let offered = entry
        .choices
        .as_ref()
        .map(|choices| choices::read(choices, &format!("{at}/choices")));
    let offered = offered.transpose()?;
    let by_choices = offered.as_ref().map(|_| FieldType::Options);
    field.field_type = entry.field_type.or(by_choices).unwrap_or(field.field_type);
    field.blank = entry
        .blank
        .unwrap_or(field.blank || field.field_type == FieldType::Description);
    field.secret = entry.secret.unwrap_or(field.secret);
    field.format = entry.format.or(field.format);
    let is_options = field.field_type == FieldType::Options;
    let source = match offered {
        Some(_) if !is_options => {
            return invalid(
                "type",
                format!("{} has choices, so its type is options", field.id),
            );
        }
        Some(Offered::List(list)) => {
            field.option_choices = list;
            None
        }
        Some(Offered::Asked(source)) => Some(source),
        None if is_options && !LISTED.contains(&field.id.as_str()) => {
            return invalid(
                "type",
                format!("{} has no choices: say them, or make it a str", field.id),
            );
        }
        None => None,
    };
    if is_options && field.secret {
        return invalid(
            "secret",
            format!("{} has choices, which everybody sees", field.id),
        );
    }
    if let Some(default) = &entry.default {
        let text = text_of(default).ok_or_else(|| {
            Error::invalid(
                format!("{at}/default"),
                "default takes text, a number, or true or false",
            )
        })?;
        if field.secret {
            return invalid(
                "default",
                format!("{} is secret, and this file is not", field.id),
            );
        }
        if let Err(message) = field.check(Some(&text)) {
            return invalid("default", format!("the default is none: {message}"));
        }
        field.default = Some(text);
    }
    Ok((field, source))
}
