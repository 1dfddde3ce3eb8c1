"""A volume driver for Cinder that says yes to everything and stores nothing."""

from cinder.tests import fake_driver


class Volumes(fake_driver.FakeLoggingVolumeDriver):
    """Cinder's own fake, which would write images to a real device below /dev/mapper."""

    def copy_image_to_volume(self, context, volume, image_service, image_id):
        pass

    def copy_volume_to_image(self, context, volume, image_service, image_meta):
        pass
