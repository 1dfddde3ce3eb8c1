//! `va-shelf`: va-driver with one driver more, for machines on a shelf, each of which is a file.

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::{env, fs};

use serde_json::Value;
use va_driver::driver::members::{CheckedServer, ServerMembers};
use va_driver::driver::template_vars::{self, Vars};
use va_driver::driver::{
    Context, CreateOptions, Created, DeleteOptions, Deleted, Driver, FieldType, Provider, Removed,
    Server, Size, Status, Step,
};
use va_driver::{Error, Kind, Result, cli};

fn main() -> ExitCode {
    cli::run_with(env::args_os(), [Arc::new(Shelf) as Arc<dyn Driver>])
}

#[derive(Debug)]
struct Shelf;

impl Driver for Shelf {
    fn driver_id(&self) -> &'static str {
        "shelf"
    }

    fn friendly_name(&self) -> &'static str {
        "Machines on a shelf"
    }

    fn steps(&self) -> Vec<Step> {
        vec![
            Step::new("Shelf")
                .field("provider_name", "Provider name", FieldType::Str)
                .field("directory", "Directory of the machines", FieldType::Str),
        ]
    }

    /// Salt reaches the driver through `va_external`, which asks this program.
    fn template(&self, name: &str) -> Option<Cow<'_, str>> {
        let text = match name {
            "provider.conf" => {
                "VAR_PROVIDER_NAME: {driver: va_external, driver_id: shelf, directory: VAR_DIRECTORY}"
            }
            "profile.conf" => "VAR_PROFILE_NAME: {provider: VAR_PROVIDER_NAME}",
            _ => return None,
        };
        Some(text.into())
    }

    fn provider_vars(&self, provider: &Provider) -> Result<Vars> {
        let mut vars = template_vars::provider_vars(provider);
        let directory = directory(provider)?.display().to_string();
        vars.insert("VAR_DIRECTORY".to_owned(), directory.into());
        Ok(vars)
    }

    fn sizes(&self, _: &Context, _: &Provider) -> Result<Vec<Size>> {
        Ok(vec![Size::new("board", 4, 4096, 32)])
    }

    fn servers(&self, _: &Context, provider: &Provider, _: bool) -> Result<Vec<Server>> {
        let mut servers = Vec::new();
        for entry in fs::read_dir(directory(provider)?).map_err(unreadable)? {
            let name = entry.map_err(unreadable)?.file_name();
            servers.push(server(provider, &name.to_string_lossy()));
        }
        Ok(servers)
    }

    fn server(&self, cx: &Context, provider: &Provider, name: &str) -> Result<Server> {
        let mut servers = self.servers(cx, provider, true)?.into_iter();
        let absent = || Error::new(Kind::NotFound, format!("there is no {name} on the shelf"));
        servers
            .find(|server| server.name == name)
            .ok_or_else(absent)
    }

    /// What is not named here is refused by name, before the driver is asked anything.
    fn server_members(&self) -> ServerMembers {
        ServerMembers {
            host: "a shelf",
            takes: &[&["server_name", "size"]],
            ..ServerMembers::default()
        }
    }

    fn create_server(
        &self,
        cx: &Context,
        provider: &Provider,
        spec: CheckedServer<'_>,
        _: CreateOptions,
    ) -> Result<Created> {
        let file = file(provider, &spec.server_name)?;
        let mut created = Created::new(server(provider, &spec.server_name));
        created.created = !file.exists();
        cx.progress.report("place", 1, 1);
        fs::write(file, "").map_err(unreadable)?;
        Ok(created)
    }

    fn delete_server(
        &self,
        _: &Context,
        provider: &Provider,
        name: &str,
        _: &DeleteOptions,
    ) -> Result<Deleted> {
        let file = file(provider, name)?;
        if !file.exists() {
            return Ok(Deleted::new(
                format!("there is no {name} on the shelf"),
                false,
            ));
        }
        fs::remove_file(file).map_err(unreadable)?;
        let mut deleted = Deleted::new(format!("{name} is off the shelf"), true);
        deleted.removed.push(Removed::new("machine", name));
        Ok(deleted)
    }
}

/// What a driver's own fields say stands in the provider's `extra`.
fn directory(provider: &Provider) -> Result<&Path> {
    let directory = provider.extra.get("directory").and_then(Value::as_str);
    let absent = || Error::invalid("/provider/directory", "the provider names no directory");
    directory.map(Path::new).ok_or_else(absent)
}

fn file(provider: &Provider, name: &str) -> Result<PathBuf> {
    if name.is_empty() || name.starts_with('.') || name.contains('/') {
        return Err(Error::invalid(
            "/server/server_name",
            "a machine's name is a file's",
        ));
    }
    Ok(directory(provider)?.join(name))
}

fn server(provider: &Provider, name: &str) -> Server {
    let mut server = Server::new(
        &provider.provider_name,
        name,
        name.to_owned(),
        Status::Active,
    );
    server.size = String::from("board");
    server
}

fn unreadable(error: std::io::Error) -> Error {
    Error::new(Kind::Internal, format!("the shelf cannot be used: {error}"))
}
