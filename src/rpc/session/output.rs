//! Where answers go: whole lines, one at a time.

use std::fmt;
use std::io::{self, Write};
use std::sync::Mutex;
use std::sync::mpsc::Sender;

use serde::Serialize;

use super::Ended;
use crate::rpc::progress::lock;
use crate::transaction::Cancel;

/// The stream of answers. Once it is closed, what is written to it is dropped.
pub(super) struct Output {
    stream: Mutex<Option<Box<dyn Write + Send>>>,
    cancel: Cancel,
    ended: Sender<Ended>,
}

impl Output {
    /// Writes to `stream`; where nobody reads it any more `cancel` is set and `ended` told.
    pub(super) fn new(
        stream: impl Write + Send + 'static,
        cancel: Cancel,
        ended: Sender<Ended>,
    ) -> Self {
        Self {
            stream: Mutex::new(Some(Box::new(stream))),
            cancel,
            ended,
        }
    }

    /// Writes `message` as a line.
    pub(super) fn write(&self, message: &impl Serialize) {
        let mut line = match serde_json::to_vec(message) {
            Ok(line) => line,
            Err(error) => {
                tracing::error!(%error, "a message is not JSON");
                return;
            }
        };
        line.push(b'\n');
        let mut stream = lock(&self.stream);
        let Some(open) = stream.as_mut() else {
            return;
        };
        if let Err(error) = open.write_all(&line).and_then(|()| open.flush()) {
            *stream = None;
            self.cancel.cancel();
            if error.kind() != io::ErrorKind::BrokenPipe {
                tracing::error!(%error, "cannot write answers");
            }
            let _ = self.ended.send(Ended::OutputClosed);
        }
    }

    /// Writes nothing more.
    pub(super) fn close(&self) {
        *lock(&self.stream) = None;
    }
}

impl fmt::Debug for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Output").finish_non_exhaustive()
    }
}
