//! Actions on a server.

use std::thread;
use std::time::{Duration, Instant};

use crate::driver::{Action, ActionDone, ActionOptions, Context, Status};
use crate::drivers::libvirt::domains::{self, Domain};
use crate::drivers::libvirt::host::Host;
use crate::{Error, Kind, Result};

/// How long a guest has to shut down that nobody gave a time, in seconds. Nova's default, too.
pub(super) const PATIENCE: u64 = 60;
/// How often the guest is asked again: one that is still booting does not hear the first time.
pub(super) const ASK_AGAIN: Duration = Duration::from_secs(5);
const LOOK_AGAIN: Duration = Duration::from_millis(200);

/// Does `action`, one of those that change what the server `name` is doing. What libvirt calls suspend
/// is what Nova calls pause: both words do the same here.
pub(crate) fn act(
    cx: &Context,
    host: &Host,
    name: &str,
    action: Action,
    options: &ActionOptions,
) -> Result<ActionDone> {
    let domain = domains::named(host, name)?;
    let patience = match (action, options.hard) {
        (Action::Reboot, true) => Duration::ZERO,
        _ => Duration::from_secs(options.timeout.unwrap_or(PATIENCE)),
    };
    let action = match action {
        Action::Pause => Action::Suspend,
        Action::Unpause => Action::Resume,
        action => action,
    };
    if matches!(action, Action::Stop | Action::Reboot) {
        check_persistent(&domain)?;
    }
    let status = domain.status()?;
    let (changed, message) = match (action, status) {
        (Action::Start | Action::Resume, Status::Active) => {
            (false, format!("{name} is running already"))
        }
        (Action::Start | Action::Resume, Status::Paused) => {
            domain.resume()?;
            (true, format!("{name} is resumed"))
        }
        (Action::Start | Action::Resume, Status::Suspended) => {
            domain.wake()?;
            (true, format!("{name} is woken up"))
        }
        (Action::Start, _) => {
            domain.start()?;
            (true, format!("{name} is started"))
        }
        (Action::Stop, Status::Shutoff) => (false, format!("{name} is off already")),
        (Action::Stop, _) => {
            let how = stop(cx, &domain, patience)?;
            (true, format!("{name} {how}"))
        }
        (Action::Reboot, Status::Active) => {
            let how = stop(cx, &domain, patience)?;
            domain.start()?;
            (true, format!("{name} {how} and is started again"))
        }
        (Action::Suspend, Status::Paused) => (false, format!("{name} is suspended already")),
        (Action::Suspend, Status::Active) => {
            domain.suspend()?;
            (true, format!("{name} is suspended"))
        }
        (_, status) => {
            return Err(Error::new(
                Kind::Conflict,
                format!(
                    "cannot {} {name}: it is {}",
                    action.as_str(),
                    status.salt_state()
                ),
            ));
        }
    };
    Ok(ActionDone::new(message, changed, None))
}

/// Refuses to switch off a domain of which nothing is left then.
fn check_persistent(domain: &Domain) -> Result<()> {
    if domain.is_persistent()? {
        return Ok(());
    }
    let name = &domain.name;
    let message = format!(
        "{name} is transient: the host keeps no definition of it, and it would be gone once it is \
         off; `virsh dumpxml {name}` into a file and `virsh define` of that file make it last"
    );
    Err(Error::new(Kind::Conflict, message).with_field("/server_name"))
}

/// Asks the guest to shut down, and switches it off if it has not within `patience`. Answers what
/// happened.
pub(super) fn stop(cx: &Context, domain: &Domain, patience: Duration) -> Result<&'static str> {
    let until = Instant::now() + patience;
    let mut ask_at = Instant::now();
    // A guest that is halted does not hear; nor can one be asked that has no time to answer.
    if domain.status()? == Status::Active {
        cx.progress.report("shut down", 0, 0);
        while Instant::now() < until {
            cx.cancel.check()?;
            if Instant::now() >= ask_at {
                domain.ask_to_shut_down()?;
                ask_at += ASK_AGAIN;
            }
            thread::sleep(LOOK_AGAIN);
            if domain.status()? == Status::Shutoff {
                return Ok("has shut down");
            }
        }
    }
    domain.switch_off()?;
    Ok("is switched off")
}
