//! The methods, each a function from its parameters to its answer.
//!
//! | file | methods |
//! |---|---|
//! | `driver` | `version`, `driver.*` |
//! | `provider`, `provider_files`, `provider_import` | `provider.*`: what asks the host; Salt's configuration; from others' |
//! | `server` | `server.*` |
//! | `image`, `pool` | `image.*`, `pool.*` |
//! | `dry_run` | the answer where a method is only to tell |
//!
//! `config_drive.build`, `key.*` and `tls.init` need no driver: their rooms do all of the work.

mod driver;
mod dry_run;
mod image;
mod pool;
mod provider;
mod provider_files;
mod provider_import;
mod server;

use schemars::{JsonSchema, Schema};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::Service;
use super::method_schema::{answer_schema, request_schema};
use crate::config_drive::{BuildAnswer, BuildRequest, build};
use crate::driver::Context;
use crate::salt::methods as salt;
use crate::tls::{TlsInit, TlsInitialised, tls_init};
use crate::{Error, Kind, Result};
use dry_run::Answer;

/// A method of the protocol.
#[derive(Debug)]
pub struct Method {
    /// Its name on the wire.
    pub name: &'static str,
    /// What it does, in a line.
    pub about: &'static str,
    /// Whether it changes anything anywhere.
    pub changes: bool,
    pub(super) run: fn(&Service, &Context, Map<String, Value>) -> Result<Value>,
    pub(super) request: fn() -> Schema,
    pub(super) answer: fn() -> Schema,
}

impl Method {
    /// The JSON Schema of its parameters.
    #[must_use]
    pub fn request_schema(&self) -> Schema {
        (self.request)()
    }

    /// The JSON Schema of its result.
    #[must_use]
    pub fn answer_schema(&self) -> Schema {
        (self.answer)()
    }
}

/// A row of the table: name, `reads` or `changes`, a function from parameters to an answer, what it does.
macro_rules! method {
    ($name:literal, reads, $run:expr, $params:ty => $answer:ty, $about:literal) => {
        method!($name, false, $run, $params => $answer, $about)
    };
    ($name:literal, changes, $run:expr, $params:ty => $answer:ty, $about:literal) => {
        method!($name, true, $run, $params => $answer, $about)
    };
    ($name:literal, $changes:literal, $run:expr, $params:ty => $answer:ty, $about:literal) => {
        Method {
            name: $name,
            about: $about,
            changes: $changes,
            run: |service, cx, params| {
                let params: $params = decode(params)?;
                let answer: $answer = $run(service, cx, params)?;
                to_value(answer)
            },
            request: || request_schema::<$params>($name),
            answer: || answer_schema::<$answer>($name),
        }
    };
}

/// Every method, in the order of the documentation.
pub static METHODS: &[Method] = &[
    method!("version", reads, driver::version, driver::NoParams => driver::Version,
        "The program's version and the protocol versions that it speaks"),
    method!("driver.list", reads, driver::list, driver::NoParams => driver::Drivers,
        "The drivers and their steps"),
    method!("driver.steps", reads, driver::steps, driver::StepsParams => driver::Steps,
        "A driver's steps, with the JSON Schema and UI schema of each"),
    method!("driver.validate", reads, driver::validate, driver::ValidateParams => crate::driver::StepResult,
        "Validates what was entered at a step and answers the next step's choices"),
    method!("provider.status", reads, provider::status, provider::ProviderParams => crate::driver::ProviderStatus,
        "Whether the host answers"),
    method!("provider.data", reads, provider::data, provider::ProviderParams => crate::driver::ProviderData,
        "What is used and free on the host, and its servers"),
    method!("provider.networks", reads, provider::networks, provider::ProviderParams => provider::Networks,
        "The networks that servers can be attached to"),
    method!("provider.sec_groups", reads, provider::sec_groups, provider::ProviderParams => provider::SecGroups,
        "The security groups"),
    method!("provider.images", reads, provider::images, provider::ProviderParams => provider::Images,
        "The images that servers can be made from"),
    method!("provider.sizes", reads, provider::sizes, provider::ProviderParams => provider::Sizes,
        "The sizes that servers can have"),
    method!("provider.billing", reads, provider::billing, provider::ProviderParams => crate::driver::Billing,
        "What the servers cost"),
    method!("provider.render", reads, provider_files::render, provider_files::RenderParams => provider_files::Rendered,
        "Salt's provider and profile configuration for a provider"),
    method!("provider.write", changes, provider_files::write, provider_files::WriteParams => Answer<provider_files::Written>,
        "Writes Salt's provider and profile configuration"),
    method!("provider.import", changes, provider_import::import, provider_import::ProvidersParams => provider_import::ProvidersImported,
        "Writes providers of Salt's former drivers and of va_master as ours"),
    method!("server.list", reads, server::list, server::ListParams => server::Servers,
        "The servers"),
    method!("server.show", reads, server::show, server::ShowParams => server::Shown,
        "A server, with all that is known of it"),
    method!("server.plan", reads, server::plan, server::PlanParams => crate::driver::PlanAnswer,
        "What creating a server would do, without touching anything"),
    method!("server.create", changes, server::create, server::CreateParams => crate::driver::Created,
        "Creates a server"),
    method!("server.action", changes, server::action, server::ActionParams => Answer<crate::driver::ActionDone>,
        "Starts, stops, reboots, suspends, resumes, seals or deletes a server"),
    method!("server.delete", changes, server::delete, server::DeleteParams => Answer<crate::driver::Deleted>,
        "Deletes a server and all that was made for it"),
    method!("server.recover", changes, server::recover, server::RecoverParams => Answer<crate::driver::Recovered>,
        "Removes what creations that were cut off have left on the host"),
    method!("config_drive.build", changes, alone(build), BuildRequest => BuildAnswer,
        "Builds what a guest reads at its first boot"),
    method!("image.import", changes, image::import, image::ImportParams => Answer<crate::driver::ImageImported>,
        "Brings an image to the host"),
    method!("image.show", reads, image::show, pool::ShowParams => image::Shown,
        "An image of the host"),
    method!("image.delete", changes, image::delete, image::DeleteParams => Answer<crate::driver::Done>,
        "Deletes an image that nothing stands on"),
    method!("pool.list", reads, pool::list, provider::ProviderParams => pool::Pools,
        "The pools that keep disks and images"),
    method!("pool.show", reads, pool::show, pool::ShowParams => pool::Shown,
        "A pool"),
    method!("pool.create", changes, pool::create, pool::CreateParams => Answer<crate::driver::Done>,
        "Makes and starts a pool of files in a directory"),
    method!("pool.start", changes, pool::start, pool::StartParams => Answer<crate::driver::Done>,
        "Starts a pool"),
    method!("key.generate", changes, alone(salt::key_generate), salt::KeyGenerate => salt::KeyGenerated,
        "Makes a minion's key pair"),
    method!("key.accept", changes, alone(salt::key_accept), salt::KeyAccept => salt::KeyAccepted,
        "Accepts a minion's public key on this master"),
    method!("key.revoke", changes, alone(salt::key_revoke), salt::KeyRevoke => salt::KeyRevoked,
        "Takes a minion's key off this master"),
    method!("key.fingerprint", reads, alone(salt::key_fingerprint), salt::KeyFingerprint => salt::KeyFingerprinted,
        "The fingerprint of a public key"),
    method!("tls.init", changes, alone(tls_init), TlsInit => TlsInitialised,
        "Makes certificates for qemu+tls"),
];

/// A method of a room that needs no more than its parameters.
fn alone<P, A>(run: fn(&P) -> Result<A>) -> impl Fn(&Service, &Context, P) -> Result<A> {
    move |_, _, params| run(&params)
}

/// `params` as a `T`; see [`crate::decode`].
fn decode<T: DeserializeOwned>(params: Map<String, Value>) -> Result<T> {
    crate::decode::decode(&Value::Object(params), "")
}

fn to_value<T: Serialize + JsonSchema>(answer: T) -> Result<Value> {
    serde_json::to_value(answer)
        .map_err(|error| Error::new(Kind::Internal, format!("the answer is not JSON: {error}")))
}

#[cfg(test)]
mod tests;
