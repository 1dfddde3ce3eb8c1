//! The base behaviour: what a driver gets that overrides nothing.

use indexmap::IndexMap;
use serde_json::{Map, Value, json};

use super::form::{Choice, FieldType, FieldValues, OptionChoices, Step, text_of};
use super::inventory::{Image, Network, SecGroup, Size};
use super::provider::Provider;
use super::step_result::{StepResult, not_offered};
use super::{Context, Driver};
use crate::concurrent::both;
use crate::decode::{decode, escape};
use crate::{Error, Kind, Result};

/// The base steps: *Provider info*, *Network & security group*, *Image & size*.
#[must_use]
pub fn steps() -> Vec<Step> {
    vec![
        Step::new("Provider info")
            .field("provider_name", "Provider name", FieldType::Str)
            .field("username", "Username", FieldType::Str)
            .field("password", "Password", FieldType::Str)
            .field("location", "Location", FieldType::Str),
        Step::new("Network & security group")
            .field(
                "netsec_desc",
                "Choose the network, and where the host has them the security group, that servers \
                 get unless they say otherwise.",
                FieldType::Description,
            )
            .field("network", "Default network", FieldType::Options)
            .field("sec_group", "Default security group", FieldType::Options),
        Step::new("Image & size")
            .field("image", "Default image", FieldType::Options)
            .field("size", "Default size", FieldType::Options),
    ]
}

/// Validates step `step_index`: −1 starts, 0 connects and offers networks and security groups, and what
/// only the host knows of its own fields; 1 offers images and sizes, the last finishes the provider.
pub fn validate<D: Driver + ?Sized>(
    driver: &D,
    cx: &Context,
    step_index: i64,
    values: &FieldValues,
) -> Result<StepResult> {
    let steps = driver.steps_with(values);
    check_ids(driver, &steps, values)?;
    let last = steps.len().saturating_sub(1);
    let Ok(index) = usize::try_from(step_index) else {
        return if step_index == -1 {
            Ok(StepResult::next(&steps, 0, known_choices(&steps)))
        } else {
            Err(out_of_range(step_index, last))
        };
    };
    if index > last {
        return Err(out_of_range(step_index, last));
    }
    let mut wrong = Vec::new();
    for step in &steps[..=index] {
        wrong.extend(step.validate(values)?);
    }
    if has_uri(values)? {
        wrong.retain(|(id, _)| id != "host_ip" && id != "host_protocol");
    }
    if !wrong.is_empty() {
        return Ok(StepResult::stay(index, wrong));
    }
    let outcome = provider_from(driver, &steps, values)
        .and_then(|provider| advance(driver, cx, &steps, index, values, &provider));
    match outcome {
        Ok(result) => Ok(result),
        Err(error) => StepResult::refused(index, error),
    }
}

/// Accepts step `index` of a form that is filled: asks the host what it has to be asked.
fn advance<D: Driver + ?Sized>(
    driver: &D,
    cx: &Context,
    steps: &[Step],
    index: usize,
    values: &FieldValues,
    provider: &Provider,
) -> Result<StepResult> {
    let last = steps.len().saturating_sub(1);
    let chosen_here = match index {
        0 => driver.host_choices(cx, provider)?,
        _ if index == last => image_choices(driver, cx, provider)?,
        _ => network_choices(driver, cx, provider)?,
    };
    let wrong = not_offered(&steps[index], values, &chosen_here)?;
    if !wrong.is_empty() {
        return Ok(StepResult::stay(index, wrong).offering(steps, chosen_here));
    }
    let mut result = if index == last {
        let (provider_conf, profile_conf) = driver.render(cx, provider, None)?;
        StepResult {
            new_step_index: -1,
            provider: Some(provider.clone()),
            provider_conf: Some(provider_conf),
            profile_conf: Some(profile_conf),
            ..StepResult::default()
        }
    } else if index == 0 {
        match network_choices(driver, cx, provider) {
            Ok(mut choices) => {
                choices.extend(chosen_here);
                StepResult::next(steps, 1, choices)
            }
            Err(error) => {
                return Ok(StepResult::refused(index, error)?.offering(steps, chosen_here));
            }
        }
    } else {
        StepResult::next(steps, index + 1, image_choices(driver, cx, provider)?)
    };
    result.warnings = driver.warnings(provider);
    let next = usize::try_from(result.new_step_index).ok();
    if let Some(step) = next.and_then(|next| steps.get(next)) {
        result
            .warnings
            .extend(nothing_offered(step, &result.option_choices));
    }
    Ok(result)
}

/// What the caller should know of fields of `step` that must be chosen from nothing.
fn nothing_offered(step: &Step, choices: &OptionChoices) -> Vec<String> {
    let none = |id: &String| choices.get(id).is_some_and(Vec::is_empty);
    step.fields
        .iter()
        .filter(|field| !field.blank && none(&field.id))
        .map(|field| {
            format!(
                "{}: the host has none to choose from; bring one there first.",
                field.name
            )
        })
        .collect()
}

fn network_choices<D: Driver + ?Sized>(
    driver: &D,
    cx: &Context,
    provider: &Provider,
) -> Result<OptionChoices> {
    let has_groups = driver
        .steps()
        .iter()
        .any(|step| step.fields.iter().any(|field| field.id == "sec_group"));
    let (networks, groups) = both(
        || driver.networks(cx, provider),
        || {
            has_groups
                .then(|| driver.sec_groups(cx, provider))
                .transpose()
        },
    );
    let mut choices: OptionChoices = [("network".to_owned(), Network::choices(&networks?))].into();
    if let Some(groups) = groups? {
        choices.insert("sec_group".to_owned(), SecGroup::choices(&groups));
    }
    Ok(choices)
}

fn image_choices<D: Driver + ?Sized>(
    driver: &D,
    cx: &Context,
    provider: &Provider,
) -> Result<OptionChoices> {
    let (images, sizes) = both(
        || driver.images(cx, provider),
        || driver.sizes(cx, provider),
    );
    Ok([
        ("image".to_owned(), Image::choices(&images?)),
        ("size".to_owned(), Size::choices(&sizes?)),
    ]
    .into())
}

fn known_choices(steps: &[Step]) -> OptionChoices {
    steps
        .iter()
        .flat_map(|step| &step.fields)
        .filter(|field| !field.option_choices.is_empty())
        .map(|field| (field.id.clone(), field.option_choices.clone()))
        .collect()
}

fn out_of_range(step_index: i64, last: usize) -> Error {
    Error::invalid(
        "/step_index",
        format!("step_index {step_index} is out of range; it goes from -1 to {last}"),
    )
}

/// Whether a whole URI was entered, which stands for the host and its protocol.
fn has_uri(values: &FieldValues) -> Result<bool> {
    Ok(text_of(values, "uri")?.is_some_and(|uri| !uri.trim().is_empty()))
}

/// The newer names under which `va_master` sends two fields.
const ALIASES: [(&str, &str); 2] = [
    ("provider_ip", "host_ip"),
    ("provider_protocol", "host_protocol"),
];

/// `values` with aliases replaced by the names that the steps use.
#[must_use]
pub fn without_aliases(values: &FieldValues) -> FieldValues {
    let mut plain = FieldValues::new();
    for (id, value) in values {
        let name = ALIASES
            .iter()
            .find(|(alias, _)| alias == id)
            .map_or(id.as_str(), |(_, name)| name);
        if name == id || !values.contains_key(name) {
            plain.insert(name.to_owned(), value.clone());
        }
    }
    plain
}

fn check_ids<D: Driver + ?Sized>(driver: &D, steps: &[Step], values: &FieldValues) -> Result<()> {
    let known = |id: &str| {
        driver.optional_values().contains(&id)
            || steps
                .iter()
                .any(|step| step.fields.iter().any(|field| field.id == id))
    };
    match values.keys().find(|id| !known(id)) {
        None => Ok(()),
        Some(id) => Err(Error::invalid(
            format!("/field_values/{}", escape(id)),
            format!("the driver {} has no field {id:?}", driver.driver_id()),
        )),
    }
}

/// The provider that `values` describe. Empty values are left out; the choices of the later steps
/// become its defaults.
fn provider_from<D: Driver + ?Sized>(
    driver: &D,
    steps: &[Step],
    values: &FieldValues,
) -> Result<Provider> {
    let mut record = Map::new();
    record.insert("driver_name".to_owned(), json!(driver.driver_id()));
    let mut defaults = Map::new();
    for field in steps.iter().flat_map(|step| &step.fields) {
        let Some(text) = text_of(values, &field.id)?.filter(|text| !text.trim().is_empty()) else {
            continue;
        };
        if field.field_type == FieldType::Description {
            continue;
        }
        let into = match field.id.as_str() {
            "network" | "sec_group" | "image" | "size" => &mut defaults,
            _ => &mut record,
        };
        into.insert(field.id.clone(), Value::String(text));
    }
    record.insert("defaults".to_owned(), Value::Object(defaults));
    for id in driver.optional_values() {
        if let Some(value) = values.get(*id).filter(|value| !value.is_null()) {
            record.insert((*id).to_owned(), value.clone());
        }
    }
    decode(&Value::Object(record), "/field_values")
}

/// The variables of a provider's template that every driver has: `VAR_PROVIDER_NAME` and the like,
/// null where the provider has no value.
#[must_use]
pub fn provider_vars(provider: &Provider) -> Vars {
    let text = |value: &Option<String>| value.as_ref().map_or(Value::Null, |text| json!(text));
    let extra = |name: &str| provider.extra.get(name).cloned().unwrap_or(Value::Null);
    IndexMap::from_iter([
        (
            "VAR_PROVIDER_NAME".to_owned(),
            json!(provider.provider_name),
        ),
        ("VAR_DRIVER_NAME".to_owned(), text(&provider.driver_name)),
        ("VAR_USERNAME".to_owned(), text(&provider.username)),
        (
            "VAR_PASSWORD".to_owned(),
            provider
                .password
                .as_ref()
                .map_or(Value::Null, |secret| json!(secret.expose())),
        ),
        ("VAR_LOCATION".to_owned(), text(&provider.location)),
        ("VAR_HOST_IP".to_owned(), text(&provider.host_ip)),
        (
            "VAR_HOST_PROTOCOL".to_owned(),
            text(&provider.host_protocol),
        ),
        ("VAR_URI".to_owned(), text(&provider.uri)),
        ("VAR_TENANT".to_owned(), text(&provider.tenant)),
        ("VAR_REGION".to_owned(), text(&provider.region)),
        ("VAR_FLAVOURS".to_owned(), extra("flavours")),
    ])
}

/// The variables of a profile's template that every driver has.
#[must_use]
pub fn profile_vars(provider: &Provider, profile_name: Option<&str>) -> Vars {
    let text = |value: &Option<String>| value.as_ref().map_or(Value::Null, |text| json!(text));
    let name = profile_name.map_or_else(
        || format!("{}-profile", provider.provider_name),
        ToOwned::to_owned,
    );
    IndexMap::from_iter([
        ("VAR_PROFILE_NAME".to_owned(), json!(name)),
        (
            "VAR_PROVIDER_NAME".to_owned(),
            json!(provider.provider_name),
        ),
        ("VAR_NETWORK".to_owned(), text(&provider.defaults.network)),
        (
            "VAR_SEC_GROUP".to_owned(),
            text(&provider.defaults.sec_group),
        ),
        ("VAR_IMAGE".to_owned(), text(&provider.defaults.image)),
        ("VAR_SIZE".to_owned(), text(&provider.defaults.size)),
    ])
}

/// Template variables: `VAR_X` to what stands for it.
pub type Vars = IndexMap<String, Value>;

/// The refusal of what a driver does not do.
#[must_use]
pub fn unsupported(driver_id: &str, what: &str) -> Error {
    Error::new(
        Kind::Unsupported,
        format!("the driver {driver_id} cannot {what}"),
    )
}

/// The options of a form for plain words.
#[must_use]
pub fn choices(words: &[&str]) -> Vec<Choice> {
    words.iter().map(|word| Choice::from(*word)).collect()
}

#[cfg(test)]
#[path = "base_tests.rs"]
mod tests;
