//! Do and undo: the journal that every creation runs in.
