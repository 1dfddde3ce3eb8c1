//! The log, on stderr.

use std::any::Any;
use std::io::{self, IsTerminal};

use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::{Filter, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, Registry, fmt};

/// Where a filter of its own can be given, such as `va_driver=debug,reqwest=info`.
const VARIABLE: &str = "VA_DRIVER_LOG";

/// Whether `stream` may be coloured.
pub(super) fn colours(stream: &impl IsTerminal) -> bool {
    stream.is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// Begins to log: warnings, or more with each `-v`; what panics say goes there too.
pub(super) fn start(verbose: u8) {
    let lines = fmt::layer()
        .with_writer(io::stderr)
        .with_ansi(colours(&io::stderr()))
        .with_target(verbose > 1);
    let filter: Box<dyn Filter<Registry> + Send + Sync> = match asked_filter() {
        Some(filter) => Box::new(filter),
        // Other crates' debug output may hold what they send, so -v is about this one.
        None => Box::new(
            Targets::new()
                .with_default(LevelFilter::WARN)
                .with_target("va_driver", level(verbose)),
        ),
    };
    // Another log is there already only where a test has begun one.
    let _ = tracing_subscriber::registry()
        .with(lines.with_filter(filter))
        .try_init();
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        tracing::error!(
            place = place.unwrap_or_default(),
            "panic: {}",
            words(panic.payload())
        );
    }));
}

/// What a panic said.
fn words(panic: &dyn Any) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("without words")
}

/// The filter that the environment asks for.
fn asked_filter() -> Option<EnvFilter> {
    let wanted = std::env::var(VARIABLE).ok()?;
    EnvFilter::try_new(wanted).ok()
}

fn level(verbose: u8) -> LevelFilter {
    match verbose {
        0 => LevelFilter::WARN,
        1 => LevelFilter::INFO,
        2 => LevelFilter::DEBUG,
        _ => LevelFilter::TRACE,
    }
}
