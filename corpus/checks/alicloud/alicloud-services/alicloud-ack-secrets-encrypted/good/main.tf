resource "alicloud_cs_managed_kubernetes" "shop" {
  name                    = "shop"
  cluster_spec            = "ack.pro.small"
  encryption_provider_key = "1234abcd-12ab-34cd-56ef-1234567890ab"
}
