//! Actions on a server.

use std::thread;
use std::time::{Duration, Instant};

use virt::domain::Domain;
use virt::error::{Error as VirtError, ErrorNumber};
use virt::sys;

use super::show::{no_such_server, show};
use crate::driver::{Action, ActionDone, ActionOptions, Context, Status};
use crate::drivers::libvirt::domains::{status, switch_off};
use crate::drivers::libvirt::host::Host;
use crate::drivers::libvirt::host::errors::is;
use crate::drivers::libvirt::settings::Settings;
use crate::{Error, Kind, Result};

/// How long a guest has to shut down that nobody gave a time, in seconds. Nova's default, too.
const PATIENCE: u64 = 60;
/// How often the guest is asked again: one that is still booting does not hear the first time.
const ASK_AGAIN: Duration = Duration::from_secs(5);
const LOOK_AGAIN: Duration = Duration::from_millis(200);

/// Does `action`, one of those that change what the server `name` is doing. What libvirt calls suspend
/// is what Nova calls pause: both words do the same here.
pub(crate) fn act(
    cx: &Context,
    host: &Host,
    settings: &Settings,
    name: &str,
    action: Action,
    options: &ActionOptions,
) -> Result<ActionDone> {
    let at = Server {
        host,
        settings,
        name,
    };
    let patience = match (action, options.hard) {
        (Action::Reboot, true) => Duration::ZERO,
        _ => Duration::from_secs(options.timeout.unwrap_or(PATIENCE)),
    };
    let action = match action {
        Action::Pause => Action::Suspend,
        Action::Unpause => Action::Resume,
        action => action,
    };
    let status = at.status()?;
    let (changed, message) = match (action, status) {
        (Action::Start | Action::Resume, Status::Active) => {
            (false, format!("{name} is running already"))
        }
        (Action::Start | Action::Resume, Status::Paused) => {
            at.on_domain("resume", Domain::resume)?;
            (true, format!("{name} is resumed"))
        }
        (Action::Start | Action::Resume, Status::Suspended) => {
            at.on_domain("wake", |domain| domain.pm_wakeup(0))?;
            (true, format!("{name} is woken up"))
        }
        (Action::Start, _) => {
            at.on_domain("start", Domain::create)?;
            (true, format!("{name} is started"))
        }
        (Action::Stop, Status::Shutoff) => (false, format!("{name} is off already")),
        (Action::Stop, _) => {
            let how = at.stop(cx, patience)?;
            (true, format!("{name} {how}"))
        }
        (Action::Reboot, Status::Active) => {
            let how = at.stop(cx, patience)?;
            at.on_domain("start", Domain::create)?;
            (true, format!("{name} {how} and is started again"))
        }
        (Action::Suspend, Status::Paused) => (false, format!("{name} is suspended already")),
        (Action::Suspend, Status::Active) => {
            at.on_domain("suspend", Domain::suspend)?;
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
    let server = show(host, settings, name)?;
    Ok(ActionDone::new(message, changed, Some(server)))
}

struct Server<'a> {
    host: &'a Host,
    settings: &'a Settings,
    name: &'a str,
}

impl Server<'_> {
    /// Does `f` to the domain.
    fn on_domain<T: Send + 'static>(
        &self,
        doing: &str,
        f: impl FnOnce(&Domain) -> std::result::Result<T, VirtError> + Send + 'static,
    ) -> Result<T> {
        let name = self.name.to_owned();
        let found = self.host.call(
            &format!("{doing} {}", self.name),
            self.settings.call_limit,
            move |conn| match conn.lookup_domain_by_name(&name) {
                Ok(domain) => f(&domain).map(Some),
                Err(error) if is(&error, ErrorNumber::NoDomain) => Ok(None),
                Err(error) => Err(error),
            },
        )?;
        found.ok_or_else(|| no_such_server(self.name))
    }

    fn status(&self) -> Result<Status> {
        self.on_domain("look at", |domain| {
            domain.info().map(|info| info.state.to_raw())
        })
        .map(|state| status(u64::from(state)))
    }

    /// Asks the guest to shut down, and switches it off if it has not within `patience`. Answers
    /// what happened.
    fn stop(&self, cx: &Context, patience: Duration) -> Result<&'static str> {
        let until = Instant::now() + patience;
        let mut ask_at = Instant::now();
        // A guest that is halted does not hear; nor can one be asked that has no time to answer.
        if self.status()? == Status::Active {
            while Instant::now() < until {
                cx.cancel.check()?;
                if Instant::now() >= ask_at {
                    self.on_domain("shut down", |domain| {
                        // It may have gone off between the last look and this.
                        match domain.shutdown_flags(sys::VIR_DOMAIN_SHUTDOWN_DEFAULT) {
                            Err(error) if !is(&error, ErrorNumber::OperationInvalid) => Err(error),
                            _ => Ok(()),
                        }
                    })?;
                    ask_at += ASK_AGAIN;
                }
                thread::sleep(LOOK_AGAIN);
                if self.status()? == Status::Shutoff {
                    return Ok("has shut down");
                }
            }
        }
        self.on_domain("switch off", switch_off)?;
        Ok("is switched off")
    }
}
