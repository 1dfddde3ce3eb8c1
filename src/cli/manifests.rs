//! A driver's manifest checked, and one to begin with.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde_json::json;

use super::args::{CheckArgs, NewArgs};
use super::output::{self, Format};
use super::settings::Settings;
use super::stdout;
use crate::driver::Driver as _;
use crate::drivers::base::lacking;
use crate::drivers::drivers_d::{LONGEST, check_id};
use crate::drivers::manifest::{self, Manifest};
use crate::error::io_error;
use crate::plain_file;
use crate::{Error, Kind, Result};

/// Says what is wrong with the manifest that `args` name, or what it describes.
pub(super) fn check(args: &CheckArgs, settings: &Settings, format: Format) -> Result<ExitCode> {
    let manifest = read(&args.file, settings)?;
    let steps = manifest.steps();
    let wanted = manifest.salt_driver();
    let warnings = match lacking(settings.service().context(), wanted.as_slice()) {
        Ok(lacking) => lacking
            .iter()
            .map(|driver| format!("this master's Salt has no cloud driver {driver}"))
            .collect(),
        Err(error) => vec![format!("Salt could not be asked: {}", error.message())],
    };
    let told = json!({
        "id": manifest.driver_id(),
        "friendly_name": manifest.friendly_name(),
        "steps": steps.iter().map(|step| &step.name).collect::<Vec<_>>(),
        "server_fields": manifest.server_fields(),
        "salt_driver": wanted,
        "warnings": warnings,
        "message": format!("{} is in order", args.file.display()),
    });
    stdout::write(&output::result(&told, format)?)?;
    Ok(ExitCode::SUCCESS)
}

fn read(file: &Path, settings: &Settings) -> Result<Manifest> {
    let stem = file.file_stem().and_then(|stem| stem.to_str());
    let yaml = file
        .extension()
        .is_some_and(|extension| extension == "yaml");
    let Some(id) = stem.filter(|_| yaml) else {
        let message = format!(
            "{} is not called NAME.yaml, by which a driver is found",
            file.display()
        );
        return Err(Error::new(Kind::InvalidField, message));
    };
    let own = settings.drivers.own().map(|driver| driver.driver_id());
    check_id(id, own).map_err(|message| Error::new(Kind::InvalidField, message))?;
    let failed = |error| io_error("read", file, &error);
    let text = plain_file::read(file, LONGEST).map_err(failed)?;
    Ok(manifest::parse(file, id, &text)?)
}

/// Writes a manifest to begin with.
pub(super) fn begin(args: &NewArgs, format: Format) -> Result<ExitCode> {
    let name = &args.name;
    check_id(name, std::iter::empty()).map_err(|message| Error::invalid("/name", message))?;
    let file = args.output.clone();
    let file = file.unwrap_or_else(|| PathBuf::from(format!("{name}.yaml")));
    let mut new = fs::File::create_new(&file).map_err(|error| io_error("write", &file, &error))?;
    new.write_all(manifest::blank(name).as_bytes())
        .map_err(|error| io_error("write", &file, &error))?;
    let told = json!({"file": file, "message": format!(
        "wrote {0}; say in it what your hosts need, then: va-driver driver check {0}",
        file.display()
    )});
    stdout::write(&output::result(&told, format)?)?;
    Ok(ExitCode::SUCCESS)
}
