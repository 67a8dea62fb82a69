resource "nifcloud_router" "edge" {
  name              = "edge"
  availability_zone = "east-11"

  network_interface {
    network_id = "net-COMMON_GLOBAL"
  }
}
