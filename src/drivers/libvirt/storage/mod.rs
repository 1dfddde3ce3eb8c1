//! Volumes: their names, how they are made and removed, what goes into them and comes out, and
//! which images are fit to be cloned.

pub(super) mod image_header;
pub(super) mod names;
pub(super) mod stream;
pub(super) mod volume;
