## The host's pages

host-pages = Pages of your shop
studio-shop = Shop
studio-orders = Orders
studio-statement = Statement
studio-staff = People
studio-webhooks = Webhooks

## Products

product-new = New product
product-title-label = Name
product-variant-label = Variant
product-variant-placeholder = Size M (optional)
product-sku-label = SKU
product-sku-hint = Capital letters, digits, dot and dash
product-price-label = Price
product-currency-label = Currency
product-stock-label = In stock
product-create = Save the product
price-invalid = Not an amount
on-hand = { $count } in stock
stock-edit = Stock and price of { $title }
stock-counted = Counted in the warehouse
stock-reason = Why
stock-reason-placeholder = Inventory, delivery, breakage
stock-save = Save the count
stock-history = Changes of the stock
stock-kind-pool = Back from a show
stock-kind-goods = Sent back by a buyer
stock-price-new = Price, { $currency }
stock-price-tax = Tax within it, %
stock-price-save = Save the price
stock-price-lowest = Lowest of the last 30 days: { $price }
stock-tax-invalid = Between 0 and 100, for example 19 or 7.5
stock-return-quantity = Take out of the show ({ $free } free)
stock-return-save = Back into the warehouse
stock-return-refused = Somebody took them meanwhile. Try a smaller number.
product-description-label = Description
product-description-hint = What it is made of, how large it is, how to look after it
product-tax-label = Tax included, %
product-sku-auto = Left empty, one is made
product-pictures = Pictures
product-variants = Variants and stock
product-variants-hint = A variant is what a buyer picks: a size, a colour. One is enough.
product-variant-number = Variant { $number }
product-variant-add = Add a variant
product-variant-remove = Remove variant { $number }
product-variant-save = Save the variant
product-details = What buyers see
product-save = Save changes
product-saved = Saved
product-pictures-busy = Wait until the pictures are there
product-sku-invalid = Capital letters, digits, dot and dash, up to 32
product-archive = Archive
product-archive-hint = It is no longer offered for new shows. What is in a show stays there, and its orders stay as they are.
product-restore = Bring back
product-restore-hint = This product is archived. Bring it back to sell it in new shows.
product-unknown = There is no such product.

## Pictures

pictures-add = Add pictures
picture-add = Add a picture
pictures-drop = Or drop them here. JPEG, PNG or WebP, up to 10 MB each.
picture-drop = Or drop it here. JPEG, PNG or WebP, up to 10 MB.
picture-main = Main
picture-number = Picture { $number } of { $count }
picture-earlier = Move picture { $number } forward
picture-later = Move picture { $number } back
picture-remove = Remove picture { $number }
picture-again = Upload picture { $number } again
picture-uploading = Uploading picture { $number }
pictures-full =
    { $count ->
        [one] Only { $count } picture fits
       *[other] Only { $count } pictures fit
    }

## The shop

shop-title = Shop
shop-search = Search products
shop-on-sale = Products
shop-archive = Archive
shop-empty-title = Your shelf is empty
shop-empty-text = Three steps and you can sell in a show.
shop-step-picture = Photograph the product by a window, on a plain ground. The first picture is the one that viewers see.
shop-step-variants = Say what buyers pick from, sizes or colours, with a price and how many you have.
shop-step-show = In the studio, bring units into a show. Only what is in a show can be bought there.
shop-archive-empty = Nothing is archived. What you no longer sell goes here, and can come back.
shop-nothing-found = Nothing is called “{ $query }”.
shop-price-range = { $from } – { $to }
shop-no-stock = Nothing in stock
shop-variants =
    { $count ->
        [one] { $count } variant
       *[other] { $count } variants
    }

## Announcing a show

show-cover = Cover
show-cover-hint = Upright, 4 to 5, looks best. Without one, the first product's picture is shown.
show-when = When
show-when-zone = Your time ({ $zone })
show-when-hint = Your time ({ $zone }). Left empty, the show may begin at once.
show-when-invalid = Choose a day and a time
show-tags = Tags
show-tags-hint = Up to ten, with commas between: linen, summer, handmade
show-tags-many = Ten tags at most, each up to 30 letters
show-edit = Edit { $title }
show-edit-title = Edit the show
show-save = Save changes
