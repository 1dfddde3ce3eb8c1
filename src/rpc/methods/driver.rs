//! `version`, and `driver.*`: what this program is, and the forms by which a provider is described.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Result;
use crate::driver::form::{json_schema, ui_schema};
use crate::driver::members::{Treatment, server_members};
use crate::driver::{BrokenDriver, Context, Field, FieldValues, OptionChoices, Step, StepResult};
use crate::rpc::{METHODS, PROTOCOL_VERSIONS, Service};

/// No parameters.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::rpc) struct NoParams {}

/// What `version` answers.
#[derive(Debug, Serialize, JsonSchema)]
#[expect(clippy::struct_field_names, reason = "the names on the wire")]
pub(in crate::rpc) struct Version {
    /// The program's name.
    name: &'static str,
    /// Its version.
    version: &'static str,
    /// The versions of the protocol that it speaks.
    protocol_versions: Vec<&'static str>,
    /// The methods that it answers.
    methods: Vec<&'static str>,
}

/// What `driver.list` answers.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::rpc) struct Drivers {
    /// The drivers.
    drivers: Vec<DriverEntry>,
    /// Files that should be drivers and are none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    broken: Vec<BrokenDriver>,
}

/// A driver.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::rpc) struct DriverEntry {
    /// Its id: what `driver_id` and a provider's `driver_name` take.
    id: String,
    /// Its name for people.
    friendly_name: String,
    /// Its steps.
    steps: Vec<Step>,
}

/// What `driver.steps` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::rpc) struct StepsParams {
    /// The driver's id.
    driver_id: String,
}

/// What `driver.steps` answers.
#[derive(Debug, Serialize, JsonSchema)]
#[expect(clippy::struct_field_names, reason = "the names on the wire")]
pub(in crate::rpc) struct Steps {
    /// The steps, in their order.
    steps: Vec<StepWithSchema>,
    /// What it takes of a server: the members' paths, such as `minion/master`.
    server_members: Vec<String>,
    /// What a server has beside the protocol's own members: `server.create` takes them as members.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    server_fields: Vec<Field>,
}

/// A step, and its schemas.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::rpc) struct StepWithSchema {
    /// The step.
    #[serde(flatten)]
    step: Step,
    /// The JSON Schema (draft-07) of what it takes.
    schema: Value,
    /// Its UI schema, for JSON Forms and react-jsonschema-form.
    ui_schema: Value,
}

/// What `driver.validate` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::rpc) struct ValidateParams {
    /// The driver's id.
    driver_id: String,
    /// The step that was filled in; −1 to begin.
    step_index: i64,
    /// What was entered so far, at all steps: field id to value.
    #[serde(default)]
    field_values: FieldValues,
}

#[expect(clippy::unnecessary_wraps, reason = "every method has this shape")]
pub(super) fn version(_: &Service, _: &Context, _: NoParams) -> Result<Version> {
    Ok(Version {
        name: env!("CARGO_PKG_NAME"),
        version: env!("CARGO_PKG_VERSION"),
        protocol_versions: PROTOCOL_VERSIONS.to_vec(),
        methods: METHODS.iter().map(|method| method.name).collect(),
    })
}

#[expect(clippy::unnecessary_wraps, reason = "every method has this shape")]
pub(super) fn list(service: &Service, _: &Context, _: NoParams) -> Result<Drivers> {
    let (drivers, broken) = service.drivers();
    let drivers = drivers.iter().map(|driver| DriverEntry {
        id: driver.driver_id().to_owned(),
        friendly_name: driver.friendly_name().to_owned(),
        steps: driver.form(),
    });
    Ok(Drivers {
        drivers: drivers.collect(),
        broken,
    })
}

pub(super) fn steps(service: &Service, _: &Context, params: StepsParams) -> Result<Steps> {
    let driver = service.driver(&params.driver_id, "/driver_id")?;
    let steps = driver.form().into_iter().map(|step| StepWithSchema {
        schema: json_schema(&step, &OptionChoices::new()),
        ui_schema: ui_schema(&step),
        step,
    });
    let taken = driver.server_members();
    let taken = server_members()
        .iter()
        .filter(|member| taken.treatment(&member.path) == Treatment::Taken);
    Ok(Steps {
        steps: steps.collect(),
        server_members: taken.map(|member| member.path.clone()).collect(),
        server_fields: driver.server_fields(),
    })
}

pub(super) fn validate(
    service: &Service,
    cx: &Context,
    params: ValidateParams,
) -> Result<StepResult> {
    let driver = service.driver(&params.driver_id, "/driver_id")?;
    driver.validate_field_values(cx, params.step_index, &params.field_values)
}
