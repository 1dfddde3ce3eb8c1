//! Holes in what is sent to a volume, which the crate `virt` does not offer.

use virt::error::Error;
use virt::stream::Stream;
use virt_sys::virStreamSendHole;

/// Sends a hole of `length` bytes.
pub(crate) fn send_hole(stream: &Stream, length: u64) -> Result<(), Error> {
    let length = i64::try_from(length).unwrap_or(i64::MAX);
    // SAFETY: the stream outlives the call, which takes nothing else by address.
    if unsafe { virStreamSendHole(stream.as_ptr(), length, 0) } < 0 {
        return Err(Error::last_error());
    }
    Ok(())
}
