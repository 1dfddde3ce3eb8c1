"""The demo: va-driver's main job on a libvirt of its own."""
