provider "digitalocean" {
  token = "dop_v1_8f0003a7b2cd91ffce5b8f0003a7b2cd"
}
