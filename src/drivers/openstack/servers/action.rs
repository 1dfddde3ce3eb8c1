//! Actions on a server.

use std::time::Duration;

use serde_json::{Value, json};

use super::show::shown;
use super::snapshot::snapshot;
use super::target::{PATIENCE, Target};
use crate::driver::{Action, ActionDone, ActionOptions, Context};
use crate::drivers::openstack::api::compute::Server;
use crate::drivers::openstack::cloud::{Cloud, Path, Service};
use crate::drivers::openstack::lookup::resolve;
use crate::drivers::openstack::lookup::servers::find;
use crate::drivers::openstack::record::{PREFIX, Record};
use crate::drivers::openstack::settings::Settings;
use crate::{Error, Kind, Result};

/// What is to be done for an action in a state.
#[derive(Debug, PartialEq)]
enum Course {
    /// Nothing: it is so already.
    Already(&'static str),
    /// Nova's action, the states that it leads to, and what to say then. Another may have to follow.
    Do(Value, &'static [&'static str], &'static str),
    /// The state does not allow it.
    Refused,
}

/// Does `action` to the server `name`, which may be its id.
pub(crate) fn act(
    cx: &Context,
    cloud: &Cloud,
    settings: &Settings,
    name: &str,
    action: Action,
    options: &ActionOptions,
) -> Result<ActionDone> {
    let server = find(cloud, name)?;
    let at = Target {
        cx,
        cloud,
        patience: Duration::from_secs(options.timeout.unwrap_or(PATIENCE)),
    };
    match action {
        Action::Snapshot => {
            let image = snapshot(&at, &server, options)?;
            let message = format!("the image {} is made of {}", image.name, server.name);
            let mut done = ActionDone::new(message, true, at.shown(settings, &server.id)?);
            done.image = Some(image);
            return Ok(done);
        }
        Action::ConsoleLog => {
            let mut done = ActionDone::new(
                format!("what the console of {} has printed", server.name),
                false,
                Some(shown(cloud, settings, &server)?),
            );
            done.output = Some(console(cloud, &server, options.lines)?);
            return Ok(done);
        }
        _ => {}
    }
    let mut seen = server;
    let mut said = Vec::new();
    loop {
        // a halted server neither shuts down nor reboots: it goes on first
        let wakes = matches!(action, Action::Stop)
            && matches!(seen.status.as_str(), "PAUSED" | "SUSPENDED");
        let step = if wakes { Action::Resume } else { action };
        match course(cloud, step, &seen, options)? {
            Course::Already(how) => {
                let message = format!("{} {how} already", seen.name);
                return Ok(ActionDone::new(
                    message,
                    false,
                    at.shown(settings, &seen.id)?,
                ));
            }
            Course::Refused => {
                let message = format!(
                    "cannot {} {}: it is {}",
                    action.as_str(),
                    seen.name,
                    seen.status
                );
                return Err(Error::new(Kind::Conflict, message));
            }
            Course::Do(body, targets, how) => {
                at.tell(&seen, &body)
                    .map_err(|error| with_hint(error, action, &seen))?;
                seen = at.wait_for(&seen, targets)?;
                said.push(how);
                if !wakes {
                    break;
                }
            }
        }
    }
    let message = format!("{} {}", seen.name, said.join(" and "));
    Ok(ActionDone::new(
        message,
        true,
        at.shown(settings, &seen.id)?,
    ))
}

/// `error` with what `action` needs of a server whose root disk is a volume.
fn with_hint(error: Error, action: Action, server: &Server) -> Error {
    if server.image.is_some() || error.kind() != Kind::InvalidField {
        return error;
    }
    let needed = match action {
        Action::Rescue => {
            "its root disk is a volume: that needs Nova's microversion 2.87, and an image with the \
             properties hw_rescue_bus and hw_rescue_device"
        }
        Action::Rebuild => "its root disk is a volume: that needs Nova's microversion 2.93",
        _ => return error,
    };
    let message = format!("{}; {needed}", error.message());
    error.with_message(message).with_field("/image")
}

/// What `action` means for `server` as it is.
fn course(
    cloud: &Cloud,
    action: Action,
    server: &Server,
    options: &ActionOptions,
) -> Result<Course> {
    let status = server.status.as_str();
    Ok(match (action, status) {
        (Action::Rescue, "ACTIVE" | "SHUTOFF" | "ERROR") => {
            let image = match &options.image {
                Some(image) => {
                    json!({"rescue_image_ref": resolve::image(cloud, "/image", image)?.id})
                }
                None => json!({}),
            };
            Course::Do(json!({"rescue": image}), &["RESCUE"], "is rescued")
        }
        (Action::Resize, "ACTIVE" | "SHUTOFF" | "VERIFY_RESIZE") => resize(cloud, server, options)?,
        (Action::Rebuild, "ACTIVE" | "SHUTOFF" | "ERROR") => rebuild(cloud, server, options)?,
        (Action::Lock, _) if server.locked => Course::Already("is locked"),
        (Action::Unlock, _) if !server.locked => Course::Already("is not locked"),
        _ => by_status(action, status, options.hard),
    })
}

/// The same for all that only the state decides.
fn by_status(action: Action, status: &str, hard: bool) -> Course {
    let go = |name: &str, targets, how| Course::Do(json!({name: null}), targets, how);
    let reboot = |kind: &str| {
        let body = json!({"reboot": {"type": kind}});
        Course::Do(body, &["ACTIVE"], "is started again")
    };
    match (action, status) {
        (Action::Start | Action::Resume | Action::Unpause, "ACTIVE") => {
            Course::Already("is running")
        }
        (Action::Start | Action::Resume | Action::Unpause, "PAUSED") => {
            go("unpause", &["ACTIVE"], "goes on")
        }
        (Action::Start | Action::Resume, "SUSPENDED") => go("resume", &["ACTIVE"], "goes on"),
        (Action::Start, "SHUTOFF") => go("os-start", &["ACTIVE"], "is started"),
        (Action::Start, "SHELVED" | "SHELVED_OFFLOADED") => {
            go("unshelve", &["ACTIVE"], "is started")
        }
        (Action::Unshelve, "SHELVED" | "SHELVED_OFFLOADED") => {
            go("unshelve", &["ACTIVE"], "is back")
        }
        (Action::Unshelve, "ACTIVE") => Course::Already("is running"),
        (Action::Shelve, "SHELVED" | "SHELVED_OFFLOADED") => Course::Already("is shelved"),
        (Action::Shelve, "ACTIVE" | "SHUTOFF" | "PAUSED" | "SUSPENDED") => {
            go("shelve", &["SHELVED", "SHELVED_OFFLOADED"], "is shelved")
        }
        // whatever it is doing, it goes on
        (Action::Lock, _) => go("lock", &[], "is locked"),
        (Action::Unlock, _) => go("unlock", &[], "is not locked any more"),
        (Action::Stop, "SHUTOFF") => Course::Already("is off"),
        (Action::Stop, "ACTIVE" | "ERROR") => go("os-stop", &["SHUTOFF"], "is off"),
        (Action::Reboot, "ACTIVE") if !hard => reboot("SOFT"),
        (Action::Reboot, "ACTIVE" | "SHUTOFF" | "PAUSED" | "SUSPENDED" | "ERROR") if hard => {
            reboot("HARD")
        }
        (Action::Suspend, "SUSPENDED") => Course::Already("is suspended"),
        (Action::Suspend, "ACTIVE") => go("suspend", &["SUSPENDED"], "is suspended"),
        (Action::Pause, "PAUSED") => Course::Already("is paused"),
        (Action::Pause, "ACTIVE") => go("pause", &["PAUSED"], "is paused"),
        (Action::Rescue, "RESCUE") => Course::Already("is rescued"),
        (Action::Unrescue, "RESCUE") => go("unrescue", &["ACTIVE"], "runs from its own disk"),
        (Action::Unrescue, "ACTIVE") => Course::Already("runs from its own disk"),
        (Action::ConfirmResize, "VERIFY_RESIZE") => go(
            "confirmResize",
            &["ACTIVE", "SHUTOFF"],
            "keeps its new size",
        ),
        (Action::RevertResize, "VERIFY_RESIZE") => {
            let how = "has the size again that it had";
            go("revertResize", &["ACTIVE", "SHUTOFF"], how)
        }
        _ => Course::Refused,
    }
}

fn resize(cloud: &Cloud, server: &Server, options: &ActionOptions) -> Result<Course> {
    let size = options.size.as_deref().filter(|size| !size.is_empty());
    let size = size.ok_or_else(|| Error::invalid("/size", "say the new size"))?;
    let flavor = resolve::flavor(cloud, "/size", size)?;
    let has = &server.flavor;
    if has.original_name.as_ref() == Some(&flavor.name) || has.id.as_ref() == Some(&flavor.id) {
        return Ok(Course::Already("has this size"));
    }
    if server.status == "VERIFY_RESIZE" {
        return Ok(Course::Refused);
    }
    let body = json!({"resize": {"flavorRef": flavor.id}});
    // a cloud may confirm by itself
    let targets = &["VERIFY_RESIZE", "RESIZED"];
    Ok(Course::Do(
        body,
        targets,
        "has its new size; confirm or revert it",
    ))
}

/// From `image`, else from its own; what is recorded of it says so from then on.
fn rebuild(cloud: &Cloud, server: &Server, options: &ActionOptions) -> Result<Course> {
    let said = options.image.as_deref().filter(|image| !image.is_empty());
    let Some(image) = said.or(server.image.as_deref()) else {
        let message = "its root disk is a volume; say the image that it is made from";
        return Err(Error::invalid("/image", message));
    };
    let image = resolve::image(cloud, "/image", image)?;
    let mut rebuild = json!({"imageRef": image.id});
    if let (Some(_), Some(name)) = (Record::of(&server.metadata), image.name) {
        let mut metadata = server.metadata.clone();
        metadata.insert(format!("{PREFIX}image"), name);
        rebuild["metadata"] = json!(metadata);
    }
    let targets = &["ACTIVE", "SHUTOFF"];
    Ok(Course::Do(
        json!({"rebuild": rebuild}),
        targets,
        "is made anew",
    ))
}

fn console(cloud: &Cloud, server: &Server, lines: Option<u64>) -> Result<String> {
    let length = lines.map_or_else(|| json!({}), |lines| json!({"length": lines}));
    let body = json!({"os-getConsoleOutput": length});
    let path = Path::of("/servers", &server.id)?.then("/action");
    let answer: Value = cloud.post(Service::Compute, path, &body)?;
    Ok(answer["output"].as_str().unwrap_or_default().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(action: Action, status: &str) -> Option<String> {
        match by_status(action, status, false) {
            Course::Do(body, ..) => body.as_object()?.keys().next().cloned(),
            _ => None,
        }
    }

    #[test]
    fn start_and_resume_mean_what_the_state_needs() {
        for action in [Action::Start, Action::Resume] {
            assert_eq!(told(action, "PAUSED").as_deref(), Some("unpause"));
            assert_eq!(told(action, "SUSPENDED").as_deref(), Some("resume"));
            assert!(matches!(
                by_status(action, "ACTIVE", false),
                Course::Already(_)
            ));
        }
        assert_eq!(told(Action::Start, "SHUTOFF").as_deref(), Some("os-start"));
        assert_eq!(by_status(Action::Resume, "SHUTOFF", false), Course::Refused);
    }

    #[test]
    fn only_a_hard_reboot_starts_what_is_off() {
        assert_eq!(by_status(Action::Reboot, "SHUTOFF", false), Course::Refused);
        let Course::Do(body, ..) = by_status(Action::Reboot, "SHUTOFF", true) else {
            panic!("refused");
        };
        assert_eq!(body, json!({"reboot": {"type": "HARD"}}));
    }

    #[test]
    fn what_is_being_built_takes_no_action() {
        for action in [Action::Start, Action::Stop, Action::Reboot, Action::Pause] {
            assert_eq!(by_status(action, "BUILD", true), Course::Refused);
        }
    }
}
