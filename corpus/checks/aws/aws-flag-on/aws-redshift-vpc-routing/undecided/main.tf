resource "aws_redshift_cluster" "warehouse" {
  cluster_identifier   = "warehouse"
  node_type            = "ra3.xlplus"
  enhanced_vpc_routing = var.enhanced_vpc_routing
}

variable "enhanced_vpc_routing" {
  type = bool
}
