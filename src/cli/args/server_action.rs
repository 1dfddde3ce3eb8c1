//! `server …`: which server is changed, and how.

use clap::Args;
use serde_json::{Value, json};

use super::given;
use crate::Result;
use crate::cli::call::Call;
use crate::cli::options::ProviderArgs;
use crate::cli::settings::Settings;

/// Which server to change.
#[derive(Debug, Args)]
pub(in crate::cli) struct ActionArgs {
    /// The server's name
    name: String,
    #[command(flatten)]
    how: HowArgs,
}

/// How to go about a change.
#[derive(Debug, Args)]
pub(in crate::cli) struct HowArgs {
    #[command(flatten)]
    provider: ProviderArgs,
    /// How long to wait; with libvirt how long the guest has to shut down, and 0 switches it off at
    /// once [default: 60; with OpenStack 300]
    #[arg(long, value_name = "SECONDS")]
    timeout: Option<u64>,
    /// Say what would be done, and do nothing
    #[arg(long)]
    dry_run: bool,
}

impl ActionArgs {
    pub(super) fn with(self, action: &str, more: Value, settings: &Settings) -> Result<Call> {
        let call = self.how.call(action, more, settings)?;
        Ok(call.for_each("server_name", vec![self.name]))
    }
}

impl HowArgs {
    pub(super) fn call(self, action: &str, more: Value, settings: &Settings) -> Result<Call> {
        let mut params = json!({"action": action, "timeout": self.timeout});
        if let (Some(params), Value::Object(more)) = (params.as_object_mut(), more) {
            params.extend(more);
        }
        let call = Call::on("server.action", &self.provider, settings, given(params))?;
        Ok(call.dry(self.dry_run))
    }
}
